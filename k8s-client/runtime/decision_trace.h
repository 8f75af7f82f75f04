#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/time.h"
#include "k8s-client/runtime/fair_lanes.h"

namespace ffdl::k8s {

// One pass, for people who want to know why.
struct Decision {
  Time time{};
  Lane lane = Lane::kChild;
  std::string seen;     // the versions of the caches: "pods 812, services 790"
  std::string plan;     // "create Service ml/bert (service missing); status (LearnersStarting)"
  std::string result;   // "done", or the error
  int idle_passes = 0;  // passes after it in which nothing was to be done
};

// The last decisions of the keys that had one lately, kept within fixed limits. Thread-safe.
class DecisionTrace {
 public:
  static constexpr std::size_t kPerKeyMax = 64;
  static constexpr std::size_t kTotalMax = 4096;

  void Record(const ObjectKey& key, Decision decision);
  // A pass that found nothing to do. Not worth a line of its own.
  void RecordIdle(const ObjectKey& key);

  // The oldest first; nothing of a key that is not known (any more).
  [[nodiscard]] std::vector<Decision> Of(const ObjectKey& key) const;
  // Those with the latest decisions first.
  [[nodiscard]] std::vector<ObjectKey> Keys() const;

 private:
  struct History {
    std::deque<Decision> decisions;
    std::list<ObjectKey>::iterator place{};
  };

  mutable std::mutex mutex_;
  std::map<ObjectKey, History> histories_;
  std::list<ObjectKey> latest_first_;
  std::size_t total_ = 0;
};

}  // namespace ffdl::k8s
