#include "operator/agent/training_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace ffdl::agent {

void TrainingLog::Append(std::string_view bytes, Clock::time_point now) {
  if (missing_ > 0 && now < retry_at_) {
    missing_ += bytes.size();
    return;
  }
  std::string gap;
  if (missing_ > 0)
    gap = "\n[ffdl-launch: " + std::to_string(missing_) + " bytes could not be written]\n";
  if (Write(gap) == 0 && Write(bytes) == 0) {
    missing_ = 0;
    return;
  }
  missing_ += bytes.size();
  retry_at_ = now + limits_.retry_after;
  file_.Close();
}

int TrainingLog::Write(std::string_view bytes) {
  if (bytes.empty()) return 0;
  if (!file_.valid()) {
    if (const int error = Open(); error != 0) return error;
  }
  if (size_ >= limits_.bytes) {
    if (const int error = Rotate(); error != 0) return error;
  }
  size_ += bytes.size();
  return WriteAll(file_.get(), bytes);
}

int TrainingLog::Open() {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg)
  file_ = Fd(open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file_.valid()) return errno;
  struct stat status {};
  if (fstat(file_.get(), &status) != 0) return errno;
  size_ = static_cast<std::size_t>(status.st_size);
  return 0;
}

int TrainingLog::Rotate() {
  file_.Close();
  if (rename(path_.c_str(), (path_ + ".1").c_str()) != 0) return errno;
  return Open();
}

}  // namespace ffdl::agent
