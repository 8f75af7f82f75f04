// What is remembered of an attempt, so that a container which the kubelet starts again does not
// train twice.
#pragma once

#include <string>
#include <string_view>

#include "operator/agent/result.h"

namespace ffdl::agent {

class Attempt {
 public:
  // `directory` must live exactly as long as the pod, and is made when it is missing; "" remembers
  // nothing.
  explicit Attempt(std::string directory) : directory_(std::move(directory)) {}

  enum class Past {
    kNone,
    kStarted,  // the container went before the end could be written down
    kEnded,
  };
  struct Memory {
    Past past = Past::kNone;
    std::string termination;  // of kEnded: what was given to MarkEnded
    std::string launched_by;  // of kStarted: the process id of who marked it
  };

  [[nodiscard]] Result<Memory> Recall() const;
  // Must have succeeded before the program starts. Creates the directory.
  [[nodiscard]] Result<void> MarkStarted() const;
  // Nothing was started after all.
  void UnmarkStarted() const;
  [[nodiscard]] Result<void> MarkEnded(std::string_view termination) const;
  // Whether the program, which runs, makes no progress. For a probe beside it to see.
  [[nodiscard]] Result<void> MarkHung(bool hung) const;
  [[nodiscard]] bool IsHung() const;

 private:
  [[nodiscard]] std::string Started() const { return directory_ + "/started"; }
  [[nodiscard]] std::string Ended() const { return directory_ + "/ended"; }
  [[nodiscard]] std::string Hung() const { return directory_ + "/hung"; }

  std::string directory_;
};

}  // namespace ffdl::agent
