#include "k8s-client/runtime/consistency_tracker.h"

#include <algorithm>
#include <compare>

#include "k8s-client/meta/resource_version.h"

namespace ffdl::k8s {

void ConsistencyTracker::Use(CacheView& cache) { caches_.push_back(&cache); }

CacheView* ConsistencyTracker::CacheOf(const ResourceType& type) const {
  const auto it = std::ranges::find_if(caches_, [&](CacheView* c) { return c->type() == type; });
  return it == caches_.end() ? nullptr : *it;
}

void ConsistencyTracker::RecordWrite(const ObjectKey& key, const ResourceType& type,
                                     std::string_view version) {
  CacheView* const cache = CacheOf(type);
  if (cache == nullptr || version.empty()) return;
  const std::scoped_lock lock(mutex_);
  RecordUnseen(*cache, version);
  auto& versions = pending_[key].versions;
  const auto it = std::ranges::find(versions, cache, &Version::cache);
  if (it == versions.end()) {
    versions.push_back({.cache = cache, .at_least = std::string(version)});
  } else if (std::is_lt(CompareResourceVersions(it->at_least, version))) {
    it->at_least = version;
  }
}

void ConsistencyTracker::RecordDelete(const ObjectKey& key, const ResourceType& type,
                                      const ObjectKey& object, std::string_view uid) {
  CacheView* const cache = CacheOf(type);
  if (cache == nullptr) return;
  const std::scoped_lock lock(mutex_);
  pending_[key].deletions.push_back({.cache = cache, .object = object, .uid = std::string(uid)});
}

void ConsistencyTracker::RecordUnknown(const ObjectKey& key, const ResourceType& type,
                                       const ObjectKey& object) {
  const std::scoped_lock lock(mutex_);
  pending_[key].unknown.push_back({.type = type, .key = object});
}

void ConsistencyTracker::RecordLookedUp(const ObjectKey& key, const ResourceType& type,
                                        const ObjectKey& object, std::string_view version) {
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(pending_[key].unknown, [&](const Target& target) {
      return target.type == type && target.key == object;
    });
  }
  RecordWrite(key, type, version);
}

ConsistencyTracker::View ConsistencyTracker::Check(const ObjectKey& key) {
  const std::scoped_lock lock(mutex_);
  const auto it = pending_.find(key);
  if (it == pending_.end()) return View::kCaughtUp;
  Pending& pending = it->second;
  if (!pending.unknown.empty()) return View::kUnknownWrite;
  DropWhatWasSeen(pending);
  if (pending.seen()) {
    pending_.erase(it);
    waiting_.erase(key);
    return View::kCaughtUp;
  }
  const std::chrono::nanoseconds now = context_.clock.Steady();
  const bool waits_already = !waiting_.insert(key).second;
  const bool timed_out = waits_already && now >= pending.deadline;
  if (timed_out) RefillLagging(pending);
  if (timed_out || !waits_already) pending.deadline = now + kWaitMax;
  return timed_out ? View::kTimedOut : View::kBehind;
}

std::vector<ConsistencyTracker::Target> ConsistencyTracker::UnknownWrites(
    const ObjectKey& key) const {
  const std::scoped_lock lock(mutex_);
  const auto it = pending_.find(key);
  return it == pending_.end() ? std::vector<Target>{} : it->second.unknown;
}

void ConsistencyTracker::OnProgress(const ResourceType& type) {
  std::vector<ObjectKey> caught_up;
  {
    const std::scoped_lock lock(mutex_);
    const CacheView* const cache = CacheOf(type);
    DropUnseen(*cache);
    for (const ObjectKey& key : waiting_) {
      Pending& pending = pending_[key];
      const bool waits_for_it =
          std::ranges::any_of(pending.versions, [&](const auto& v) { return v.cache == cache; }) ||
          std::ranges::any_of(pending.deletions, [&](const auto& d) { return d.cache == cache; });
      if (!waits_for_it) continue;
      DropWhatWasSeen(pending);
      if (pending.seen()) caught_up.push_back(key);
    }
    for (const ObjectKey& key : caught_up) waiting_.erase(key);
  }
  for (const ObjectKey& key : caught_up) wake_(key);
}

void ConsistencyTracker::RecordUnseen(const CacheView& cache, std::string_view version) {
  std::deque<Unseen>& unseen = unseen_[&cache];
  const std::string newest = unseen.empty() ? cache.resource_version() : unseen.back().version;
  if (!std::is_gt(CompareResourceVersions(version, newest)) || unseen.size() >= kUnseenMax) return;
  unseen.push_back({.version = std::string(version), .since = context_.clock.Steady()});
}

void ConsistencyTracker::DropUnseen(const CacheView& cache) {
  const auto it = unseen_.find(&cache);
  if (it == unseen_.end() || it->second.empty()) return;
  const std::string shown = cache.resource_version();
  std::deque<Unseen>& unseen = it->second;
  while (!unseen.empty() && !std::is_gt(CompareResourceVersions(unseen.front().version, shown))) {
    unseen.pop_front();
  }
}

std::chrono::nanoseconds ConsistencyTracker::LagOf(const ResourceType& type) {
  const std::scoped_lock lock(mutex_);
  const CacheView* const cache = CacheOf(type);
  if (cache != nullptr) DropUnseen(*cache);  // it may have moved on before a write was recorded
  const auto it = unseen_.find(cache);
  if (it == unseen_.end() || it->second.empty()) return {};
  return context_.clock.Steady() - it->second.front().since;
}

void ConsistencyTracker::DropWhatWasSeen(Pending& pending) {
  std::erase_if(pending.versions, [](const Version& version) {
    // Versions that cannot be compared must not block for ever.
    const auto order = CompareResourceVersions(version.cache->resource_version(), version.at_least);
    return std::is_gteq(order) || order == std::partial_ordering::unordered;
  });
  std::erase_if(pending.deletions, [](const Deletion& deletion) {
    return deletion.cache->DeletionSeen(deletion.object, deletion.uid);
  });
}

void ConsistencyTracker::RefillLagging(const Pending& pending) {
  for (const Version& version : pending.versions) version.cache->RequestRefill();
  for (const Deletion& deletion : pending.deletions) deletion.cache->RequestRefill();
}

}  // namespace ffdl::k8s
