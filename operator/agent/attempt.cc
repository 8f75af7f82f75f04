#include "operator/agent/attempt.h"

#include <unistd.h>

#include <ctime>

#include "operator/agent/files.h"
#include "operator/agent/termination.h"

namespace ffdl::agent {
namespace {

constexpr std::size_t kMarkBytesMax = 64;

}  // namespace

Result<Attempt::Memory> Attempt::Recall() const {
  if (directory_.empty()) return Memory{};
  if (Exists(Ended())) {
    Result<std::string> termination = ReadFile(Ended(), kTerminationBytesMax);
    if (!termination) return tl::unexpected(termination.error());
    if (ExitCodeOf(*termination)) return Memory{Past::kEnded, std::move(*termination)};
    // Not what we wrote: an end that cannot be told is like one that was not written down.
    return Memory{.past = Past::kStarted};
  }
  if (!Exists(Started())) return Memory{};
  Result<std::string> mark = ReadFile(Started(), kMarkBytesMax);
  if (!mark) return tl::unexpected(mark.error());
  return Memory{.past = Past::kStarted, .launched_by = mark->substr(0, mark->find(' '))};
}

Result<void> Attempt::MarkStarted() const {
  if (directory_.empty()) return {};
  if (Result<void> made = MakeDirectories(directory_, 0777); !made) return made;
  // The time is for people who look into the pod.
  const std::string mark = std::to_string(getpid()) + " " + std::to_string(std::time(nullptr));
  return WriteFileDurably(Started(), mark + "\n", 0644);
}

void Attempt::UnmarkStarted() const {
  if (!directory_.empty()) unlink(Started().c_str());
}

Result<void> Attempt::MarkEnded(std::string_view termination) const {
  if (directory_.empty()) return {};
  return WriteFileDurably(Ended(), termination, 0644);
}

Result<void> Attempt::MarkHung(bool hung) const {
  if (directory_.empty()) return {};
  if (hung) return WriteFileDurably(Hung(), "", 0644);
  unlink(Hung().c_str());
  return {};
}

bool Attempt::IsHung() const { return !directory_.empty() && Exists(Hung()); }

}  // namespace ffdl::agent
