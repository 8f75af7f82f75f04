// Whether a program that runs gets on: it writes something, or touches its heartbeat file.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <optional>
#include <string>

#include "operator/agent/training_log.h"

namespace ffdl::agent {

struct ProgressOptions {
  std::chrono::seconds timeout{0};  // standing still for so long is a hang; 0 to look at nothing
  bool end_when_hung = false;
  std::string heartbeat;  // a file whose changes are progress; "" for none
};

// Not for several threads. Times are those of a steady clock: a file's own time only tells whether
// it was touched since the last look, so that a clock which is set makes no hang.
class ProgressWatch {
 public:
  ProgressWatch(ProgressOptions options, Clock::time_point now);

  void SawOutput(Clock::time_point now) { last_ = now; }

  // Looks at the heartbeat. Whether the program has stood still for the time-out, as of now: one
  // that writes again gets on again.
  [[nodiscard]] bool IsHung(Clock::time_point now);

  // How often to ask. Not set when there is nothing to watch.
  [[nodiscard]] std::optional<std::chrono::milliseconds> period() const;

  [[nodiscard]] const ProgressOptions& options() const { return options_; }

 private:
  [[nodiscard]] timespec HeartbeatTime() const;

  ProgressOptions options_;
  Clock::time_point last_;
  timespec heartbeat_;
};

}  // namespace ffdl::agent
