#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "k8s-client/net/event_loop.h"

namespace ffdl::k8s {

// Timers in the order in which they are due; of those due at the same moment the oldest comes
// first. Not thread-safe.
class TimerQueue {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using TimerId = EventLoop::TimerId;

  TimerId Add(TimePoint due, std::function<void()> work) {
    const TimerId id = ++last_;
    due_.emplace(id, due);
    work_.emplace(std::pair(due, id), std::move(work));
    return id;
  }

  void Remove(TimerId id) {
    const auto found = due_.find(id);
    if (found == due_.end()) return;
    work_.erase(std::pair(found->second, id));
    due_.erase(found);
  }

  [[nodiscard]] std::optional<TimePoint> next() const {
    if (work_.empty()) return std::nullopt;
    return work_.begin()->first.first;
  }

  // The work of the first timer that is due at `now`, which is then gone; empty when none is.
  [[nodiscard]] std::function<void()> TakeDue(TimePoint now) {
    if (work_.empty() || work_.begin()->first.first > now) return {};
    auto node = work_.extract(work_.begin());
    due_.erase(node.key().second);
    return std::move(node.mapped());
  }

 private:
  TimerId last_ = 0;
  std::unordered_map<TimerId, TimePoint> due_;
  std::map<std::pair<TimePoint, TimerId>, std::function<void()>> work_;
};

}  // namespace ffdl::k8s
