#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "operator/agent/files.h"

namespace ffdl::agent {

using Clock = std::chrono::steady_clock;

struct TrainingLogLimits {
  // When the file has reached it, it becomes FILE.1 and a new one begins: at most about twice this
  // on disk.
  std::size_t bytes = std::size_t{256} << 20;
  std::chrono::seconds retry_after{10};  // a full disk may have room again
};

// The copy of a learner's output on a volume. Never fails the training: what cannot be written is
// left out, and the file says how much that was as soon as it can be written again.
class TrainingLog {
 public:
  explicit TrainingLog(std::string path, const TrainingLogLimits& limits = {})
      : path_(std::move(path)), limits_(limits) {}

  void Append(std::string_view bytes, Clock::time_point now);

 private:
  // 0 or an errno value.
  int Write(std::string_view bytes);
  int Open();
  int Rotate();

  std::string path_;
  TrainingLogLimits limits_;
  Fd file_;
  std::size_t size_ = 0;
  std::size_t missing_ = 0;  // bytes left out since the last good write
  Clock::time_point retry_at_{};
};

}  // namespace ffdl::agent
