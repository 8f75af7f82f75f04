#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s-client/informer/cache_view.h"
#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/resource_type.h"
#include "k8s-client/runtime/context.h"

namespace ffdl::k8s {

// Read your own writes: keeps a key from being planned on caches older than the key's own last
// writes.
//
// The executor records what each write returned; the controller asks before each pass; caches
// report progress. Types without a cache are not waited for. Only objects that the cache's selector
// matches may be written, or their key waits for nothing until the time-out. Thread-safe; never
// blocks. `wake` is called without a lock held.
class ConsistencyTracker {
 public:
  // A cache that has not caught up after this long is not waited for any further: it is filled
  // again.
  static constexpr std::chrono::seconds kWaitMax{10};

  enum class View {
    kCaughtUp,      // plan
    kBehind,        // `wake` will be called when the caches have caught up
    kTimedOut,      // as kBehind; the caches that lag have been asked to fill again
    kUnknownWrite,  // look the objects of UnknownWrites up first
  };

  struct Target {
    ResourceType type;
    ObjectKey key;
  };

  ConsistencyTracker(std::function<void(const ObjectKey&)> wake, RuntimeContext context)
      : wake_(std::move(wake)), context_(std::move(context)) {}

  // Before use. Borrows; the caller also lets the cache call OnProgress.
  void Use(CacheView& cache);

  // A write for `key` was committed and returned this version. "" waits for nothing.
  void RecordWrite(const ObjectKey& key, const ResourceType& type, std::string_view version);
  // `object` with this uid was deleted for `key`: its cache must show that it is gone or going.
  void RecordDelete(const ObjectKey& key, const ResourceType& type, const ObjectKey& object,
                    std::string_view uid);
  // Nobody knows whether a write of `object` was carried out, until RecordLookedUp with the same
  // object.
  void RecordUnknown(const ObjectKey& key, const ResourceType& type, const ObjectKey& object);
  // `version` as the live object has it now; "" when there is no such object.
  void RecordLookedUp(const ObjectKey& key, const ResourceType& type, const ObjectKey& object,
                      std::string_view version);

  [[nodiscard]] View Check(const ObjectKey& key);
  [[nodiscard]] std::vector<Target> UnknownWrites(const ObjectKey& key) const;

  // The cache of this type moved on: wakes the keys that waited for it.
  void OnProgress(const ResourceType& type);

  // For how long the cache has failed to show a write of ours; zero when it shows them all.
  [[nodiscard]] std::chrono::nanoseconds LagOf(const ResourceType& type);

  [[nodiscard]] const std::vector<CacheView*>& caches() const { return caches_; }
  // Null for a type without a cache.
  [[nodiscard]] CacheView* CacheOf(const ResourceType& type) const;

 private:
  struct Version {
    CacheView* cache;
    std::string at_least;
  };
  struct Deletion {
    CacheView* cache;
    ObjectKey object;
    std::string uid;
  };
  // A write of any key that its cache does not show yet; versions rise.
  struct Unseen {
    std::string version;
    std::chrono::nanoseconds since{0};
  };
  static constexpr std::size_t kUnseenMax = 1024;  // of a cache; the oldest says how far it lags
  struct Pending {
    std::vector<Version> versions;  // one a cache
    std::vector<Deletion> deletions;
    std::vector<Target> unknown;
    std::chrono::nanoseconds deadline{0};  // of the wait; set while somebody waits

    [[nodiscard]] bool seen() const { return versions.empty() && deletions.empty(); }
  };

  void RecordUnseen(const CacheView& cache, std::string_view version);
  void DropUnseen(const CacheView& cache);
  static void DropWhatWasSeen(Pending& pending);
  static void RefillLagging(const Pending& pending);

  const std::function<void(const ObjectKey&)> wake_;
  const RuntimeContext context_;
  std::vector<CacheView*> caches_;  // constant after set-up
  mutable std::mutex mutex_;
  std::map<ObjectKey, Pending> pending_;
  std::set<ObjectKey> waiting_;
  std::map<const CacheView*, std::deque<Unseen>> unseen_;  // found by, never walked
};

}  // namespace ffdl::k8s
