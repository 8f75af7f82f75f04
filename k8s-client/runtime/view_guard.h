#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "k8s-client/informer/cache_view.h"
#include "k8s-client/runtime/consistency_tracker.h"
#include "k8s-client/runtime/context.h"

namespace ffdl::k8s {

// Decides whether the caches are fresh enough to destroy something by what they show. Costs nothing
// while the watches are well. Thread-safe.
class ViewGuard {
 public:
  // A cache that does not show our own writes for so long lags.
  static constexpr std::chrono::seconds kLagMax{30};
  // Bookmarks come each minute; a watch that is silent for longer may be dead.
  static constexpr std::chrono::seconds kSilenceMax{75};
  // After the server's state was restored: what it shows may be about to be repaired.
  static constexpr std::chrono::seconds kRestoredPause{15};

  enum class Verdict {
    kGo,
    kLookFirst,  // only if the live target is what the cache shows
    kRefuse,
  };
  struct Judgement {
    Verdict verdict = Verdict::kGo;
    std::string why;  // of all but kGo
  };

  // Borrows.
  ViewGuard(ConsistencyTracker& tracker, RuntimeContext context)
      : tracker_(tracker), context_(std::move(context)) {}

  // Of all caches together, because a plan is made from all. Asks caches that lag to fill again.
  [[nodiscard]] Judgement Judge();

 private:
  [[nodiscard]] Judgement JudgeCache(CacheView& cache);

  ConsistencyTracker& tracker_;
  const RuntimeContext context_;
};

}  // namespace ffdl::k8s
