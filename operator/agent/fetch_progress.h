#pragma once

#include <chrono>
#include <cstdint>

#include "operator/agent/fetch.h"

namespace ffdl::agent {

// Tells people how far a long fetch is, not more often than every five seconds.
class FetchProgress {
 public:
  using Clock = std::chrono::steady_clock;

  // Borrows `say`.
  FetchProgress(const Say& say, Clock::time_point now);

  // `total` is 0 when it is not known.
  void Update(std::int64_t bytes, std::int64_t total, Clock::time_point now);

 private:
  const Say& say_;
  Clock::time_point said_;
};

// "12.3 MiB"
[[nodiscard]] std::string MebibytesOf(std::int64_t bytes);

}  // namespace ffdl::agent
