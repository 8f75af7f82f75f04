#include "k8s-client/runtime/backoff.h"

#include <algorithm>

namespace ffdl::k8s {

std::chrono::milliseconds BackoffFor(int failures, const BackoffOptions& options, Random& random) {
  constexpr int kDoublingsMax = 20;
  const int doublings = std::clamp(failures - 1, 0, kDoublingsMax);
  const std::chrono::milliseconds delay =
      std::min(options.longest, options.first * (std::int64_t{1} << doublings));
  return random.Between(delay - delay * options.jitter_percent / 100, delay);
}

}  // namespace ffdl::k8s
