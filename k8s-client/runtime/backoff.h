#pragma once

#include <chrono>

#include "k8s-client/runtime/random.h"

namespace ffdl::k8s {

struct BackoffOptions {
  std::chrono::milliseconds first{800};
  std::chrono::milliseconds longest{30'000};
  // The share of each delay, in percent, that is left to chance: 100 spreads evenly from 0 to the
  // delay.
  int jitter_percent = 100;
};

// How long to wait after the `failures`th failure in a row (counted from 1): doubles each time.
[[nodiscard]] std::chrono::milliseconds BackoffFor(int failures, const BackoffOptions& options,
                                                   Random& random);

}  // namespace ffdl::k8s
