#include "k8s-client/runtime/decision_trace.h"

#include <utility>

namespace ffdl::k8s {

void DecisionTrace::Record(const ObjectKey& key, Decision decision) {
  const std::scoped_lock lock(mutex_);
  const auto [it, added] = histories_.try_emplace(key);
  History& history = it->second;
  if (added) {
    history.place = latest_first_.insert(latest_first_.begin(), key);
  } else {
    latest_first_.splice(latest_first_.begin(), latest_first_, history.place);
  }
  history.decisions.push_back(std::move(decision));
  ++total_;
  if (history.decisions.size() > kPerKeyMax) {
    history.decisions.pop_front();
    --total_;
  }
  while (total_ > kTotalMax) {
    const auto oldest = histories_.find(latest_first_.back());
    total_ -= oldest->second.decisions.size();
    histories_.erase(oldest);
    latest_first_.pop_back();
  }
}

void DecisionTrace::RecordIdle(const ObjectKey& key) {
  const std::scoped_lock lock(mutex_);
  const auto it = histories_.find(key);
  if (it != histories_.end()) ++it->second.decisions.back().idle_passes;
}

std::vector<Decision> DecisionTrace::Of(const ObjectKey& key) const {
  const std::scoped_lock lock(mutex_);
  const auto it = histories_.find(key);
  if (it == histories_.end()) return {};
  return {it->second.decisions.begin(), it->second.decisions.end()};
}

std::vector<ObjectKey> DecisionTrace::Keys() const {
  const std::scoped_lock lock(mutex_);
  return {latest_first_.begin(), latest_first_.end()};
}

}  // namespace ffdl::k8s
