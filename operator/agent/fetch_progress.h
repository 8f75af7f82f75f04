#pragma once

#include <chrono>
#include <cstdint>

#include "operator/agent/fetch.h"

namespace ffdl::agent {

// Tells people how far a long fetch is, not more often than every five seconds.
class FetchProgress {
 public:
  using Clock = std::chrono::steady_clock;

  // `total` is 0 when it is not known. Borrows `say`.
  FetchProgress(const Say& say, std::int64_t total, Clock::time_point now);

  void Update(std::int64_t bytes, Clock::time_point now);

 private:
  const Say& say_;
  const std::int64_t total_;
  Clock::time_point said_;
};

// "12.3 MiB"
[[nodiscard]] std::string MebibytesOf(std::int64_t bytes);

}  // namespace ffdl::agent
