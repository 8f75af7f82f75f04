#include "operator/agent/attempt.h"

#include <unistd.h>

#include <ctime>

#include "operator/agent/files.h"
#include "operator/agent/termination.h"

namespace ffdl::agent {

Result<Attempt::Memory> Attempt::Recall() const {
  if (directory_.empty()) return Memory{};
  if (Exists(Ended())) {
    Result<std::string> termination = ReadFile(Ended(), kTerminationBytesMax);
    if (!termination) return tl::unexpected(termination.error());
    if (ExitCodeOf(*termination)) return Memory{Past::kEnded, std::move(*termination)};
    // Not what we wrote: an end that cannot be told is like one that was not written down.
    return Memory{.past = Past::kStarted};
  }
  return Memory{.past = Exists(Started()) ? Past::kStarted : Past::kNone};
}

Result<void> Attempt::MarkStarted() const {
  if (directory_.empty()) return {};
  if (Result<void> made = MakeDirectories(directory_, 0777); !made) return made;
  // The time is for people who look into the pod.
  return WriteFileDurably(Started(), std::to_string(std::time(nullptr)) + "\n", 0644);
}

void Attempt::UnmarkStarted() const {
  if (!directory_.empty()) unlink(Started().c_str());
}

Result<void> Attempt::MarkEnded(std::string_view termination) const {
  if (directory_.empty()) return {};
  return WriteFileDurably(Ended(), termination, 0644);
}

}  // namespace ffdl::agent
