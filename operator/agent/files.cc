#include "operator/agent/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace ffdl::agent {
namespace {

constexpr std::size_t kCopyBytes = 65536;
constexpr std::string_view kTemporarySuffix = ".new";

// One directory; all well if it exists.
int MakeDirectory(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) == 0) return 0;
  const int error = errno;
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) return S_ISDIR(status.st_mode) ? 0 : ENOTDIR;
  return error;
}

int OpenFile(const std::string& path, int flags, mode_t mode = 0) {
  return open(path.c_str(), flags | O_CLOEXEC, mode);  // NOLINT(cppcoreguidelines-pro-type-vararg)
}

// A rename lasts only when its directory is on the disk, too.
void FlushParent(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const Fd directory(OpenFile(slash == std::string::npos ? "." : path.substr(0, slash + 1),
                              O_RDONLY | O_DIRECTORY));
  if (directory.valid()) fsync(directory.get());
}

int CopyBytes(int from, int to) {
  std::string buffer(kCopyBytes, '\0');
  while (true) {
    const ssize_t count = read(from, buffer.data(), buffer.size());
    if (count == 0) return 0;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    const int error =
        WriteAll(to, std::string_view(buffer).substr(0, static_cast<std::size_t>(count)));
    if (error != 0) return error;
  }
}

enum class Lasting { kNo, kYes };  // also when the machine fails

// `fill` writes the content and returns an errno value.
template <typename Fill>
Result<void> Replace(const std::string& path, mode_t mode, Lasting lasting, Fill fill) {
  const std::string temporary = path + std::string(kTemporarySuffix);
  const Fd file(OpenFile(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode));
  if (!file.valid()) return FailWith("create", temporary, errno);
  int error = fill(file.get());
  // The mode again, because the umask took its part.
  if (error == 0 && fchmod(file.get(), mode) != 0) error = errno;
  if (error == 0 && lasting == Lasting::kYes && fsync(file.get()) != 0) error = errno;
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
    return FailWith("write", path, error);
  }
  if (lasting == Lasting::kYes) FlushParent(path);
  return {};
}

}  // namespace

tl::unexpected<Error> FailWith(std::string_view what, const std::string& path, int error) {
  const char* text = strerrordesc_np(error);
  return Fail(std::string(what) + " " + path + ": " + (text != nullptr ? text : "unknown error"));
}

void Fd::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

int WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

Result<void> MakeDirectories(const std::string& path, mode_t mode) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (const int error = MakeDirectory(part, mode); error != 0)
      return FailWith("create", part, error);
    if (end == std::string::npos) return {};
  }
}

Result<void> WriteFileDurably(const std::string& path, std::string_view content, mode_t mode) {
  return Replace(path, mode, Lasting::kYes, [&](int fd) { return WriteAll(fd, content); });
}

Result<void> OverwriteFile(const std::string& path, std::string_view content) {
  const Fd file(OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  if (!file.valid()) return FailWith("open", path, errno);
  if (const int error = WriteAll(file.get(), content); error != 0)
    return FailWith("write", path, error);
  return {};
}

Result<std::string> ReadFile(const std::string& path, std::size_t bytes_max) {
  const Fd file(OpenFile(path, O_RDONLY));
  if (!file.valid()) return FailWith("open", path, errno);
  std::string content(bytes_max, '\0');
  std::size_t size = 0;
  while (size < bytes_max) {
    const ssize_t count = read(file.get(), content.data() + size, bytes_max - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FailWith("read", path, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  content.resize(size);
  return content;
}

Result<void> CopyFile(const std::string& from, const std::string& to, mode_t mode) {
  const Fd source(OpenFile(from, O_RDONLY));
  if (!source.valid()) return FailWith("open", from, errno);
  return Replace(to, mode, Lasting::kNo, [&](int fd) { return CopyBytes(source.get(), fd); });
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

bool CanWriteIn(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
         access(path.c_str(), W_OK | X_OK) == 0;
}

}  // namespace ffdl::agent
