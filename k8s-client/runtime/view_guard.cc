#include "k8s-client/runtime/view_guard.h"

#include <fmt/format.h>

namespace ffdl::k8s {
namespace {

using std::chrono::nanoseconds;

long long WholeSeconds(nanoseconds time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

}  // namespace

ViewGuard::Judgement ViewGuard::Judge() {
  Judgement worst;
  for (CacheView* const cache : tracker_.caches()) {
    Judgement one = JudgeCache(*cache);
    if (one.verdict > worst.verdict) worst = std::move(one);
  }
  return worst;
}

ViewGuard::Judgement ViewGuard::JudgeCache(CacheView& cache) {
  const nanoseconds now = context_.clock.Steady();
  const nanoseconds restored_at = cache.restored_at();
  if (restored_at > nanoseconds(0) && now - restored_at < kRestoredPause) {
    return {Verdict::kRefuse, fmt::format("the server's {} went back in time {} s ago",
                                          cache.type().plural, WholeSeconds(now - restored_at))};
  }
  if (const nanoseconds lag = tracker_.LagOf(cache.type()); lag >= kLagMax) {
    cache.RequestRefill();
    return {Verdict::kRefuse, fmt::format("the cache of {} is {} s behind our own writes",
                                          cache.type().plural, WholeSeconds(lag))};
  }
  if (const nanoseconds silence = now - cache.heard_at(); silence > kSilenceMax) {
    return {Verdict::kLookFirst, fmt::format("nothing heard of {} for {} s", cache.type().plural,
                                             WholeSeconds(silence))};
  }
  return {};
}

}  // namespace ffdl::k8s
