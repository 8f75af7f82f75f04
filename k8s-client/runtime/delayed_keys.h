#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/runtime/fair_lanes.h"

namespace ffdl::k8s {

// A key, and how urgent its pass is.
struct WorkItem {
  ObjectKey key;
  Lane lane = Lane::kChild;
  std::chrono::nanoseconds since{0};  // that it waited, for one that was taken

  friend bool operator==(const WorkItem&, const WorkItem&) = default;
};

// Keys that wait for a moment, each once. An ordered set: docs/decisions/0009-work-queue.md says
// why not a timer wheel. Not thread-safe; knows no clock.
class DelayedKeys {
 public:
  // Of two moments for one key the earlier counts, of two lanes the more urgent.
  void Add(const WorkItem& item, std::chrono::nanoseconds due) {
    const auto [it, added] = keys_.try_emplace(item.key, Delay{.lane = item.lane, .due = due});
    Delay& delay = it->second;
    if (!added) {
      delay.lane = MoreUrgent(delay.lane, item.lane);
      if (delay.due <= due) return;
      by_due_.erase({delay.due, delay.number});
      delay.due = due;
    }
    delay.number = ++last_number_;
    by_due_.insert({due, delay.number, &it->first});
  }

  // The lane that it waited with, if it did.
  std::optional<Lane> Remove(const ObjectKey& key) {
    const auto it = keys_.find(key);
    if (it == keys_.end()) return std::nullopt;
    const Lane lane = it->second.lane;
    by_due_.erase({it->second.due, it->second.number});
    keys_.erase(it);
    return lane;
  }

  [[nodiscard]] std::optional<Lane> LaneOf(const ObjectKey& key) const {
    const auto it = keys_.find(key);
    return it == keys_.end() ? std::nullopt : std::optional(it->second.lane);
  }

  [[nodiscard]] std::optional<std::chrono::nanoseconds> next() const {
    return by_due_.empty() ? std::nullopt : std::optional(by_due_.begin()->due);
  }

  // The first that is due at `now`, which then waits no more.
  [[nodiscard]] std::optional<WorkItem> TakeDue(std::chrono::nanoseconds now) {
    if (by_due_.empty() || by_due_.begin()->due > now) return std::nullopt;
    WorkItem item{.key = *by_due_.begin()->key};
    item.lane = *Remove(item.key);
    return item;
  }

  // The first `count` to be due.
  [[nodiscard]] std::vector<std::pair<WorkItem, std::chrono::nanoseconds>> Peek(
      std::size_t count) const {
    std::vector<std::pair<WorkItem, std::chrono::nanoseconds>> first;
    for (const Due& due : by_due_) {
      if (first.size() >= count) break;
      first.emplace_back(WorkItem{.key = *due.key, .lane = keys_.at(*due.key).lane}, due.due);
    }
    return first;
  }

  void Clear() {
    by_due_.clear();
    keys_.clear();
  }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  struct Delay {
    Lane lane = Lane::kChild;
    std::chrono::nanoseconds due{0};
    std::uint64_t number = 0;
  };
  struct Due {
    std::chrono::nanoseconds due;
    std::uint64_t number;  // of those due at once the first given is the first
    const ObjectKey* key = nullptr;

    friend bool operator<(const Due& a, const Due& b) {
      return std::pair(a.due, a.number) < std::pair(b.due, b.number);
    }
  };

  std::unordered_map<ObjectKey, Delay> keys_;
  std::set<Due> by_due_;
  std::uint64_t last_number_ = 0;
};

}  // namespace ffdl::k8s
