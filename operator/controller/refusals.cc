#include "operator/controller/refusals.h"

#include <algorithm>

namespace ffdl::server {

void Refusals::Add(const k8s::ObjectKey& job, std::int64_t generation, const k8s::Error& error,
                   k8s::Time now) {
  const std::scoped_lock lock(mutex_);
  if (entries_.size() >= kMax && !entries_.contains(job)) entries_.erase(entries_.begin());
  Entry& entry = entries_[job];
  const bool again = entry.wait.count() > 0 && entry.generation == generation &&
                     now < entry.refusal.again_at + entry.wait;
  entry.wait = again ? std::min<std::chrono::milliseconds>(2 * entry.wait, kLongest) : kFirst;
  entry.generation = generation;
  entry.refusal = {.error = error, .again_at = now + entry.wait};
}

std::optional<Refusals::Refusal> Refusals::Standing(const k8s::ObjectKey& job,
                                                    std::int64_t generation, k8s::Time now) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(job);
  if (found == entries_.end()) return std::nullopt;
  const Entry& entry = found->second;
  if (entry.generation == generation && now < entry.refusal.again_at) return entry.refusal;
  // Kept for as long again as it stood: refused in that time, the job waits longer.
  if (entry.generation != generation || now >= entry.refusal.again_at + entry.wait) {
    entries_.erase(found);
  }
  return std::nullopt;
}

void Refusals::Forget(const k8s::ObjectKey& job) {
  const std::scoped_lock lock(mutex_);
  entries_.erase(job);
}

}  // namespace ffdl::server
