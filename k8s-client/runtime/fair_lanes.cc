#include "k8s-client/runtime/fair_lanes.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace ffdl::k8s {

using std::chrono::nanoseconds;

bool FairLanes::Add(const ObjectKey& key, Lane lane, nanoseconds now) {
  const auto [it, added] = entries_.try_emplace(key);
  Entry& entry = it->second;
  if (added) {
    entry.key = &it->first;
    entry.added_to = lane;
    entry.since = now;
    ++counts_.at(Index(lane));
    Enter(entry, lane, now);
    return true;
  }
  if (lane < entry.added_to) {
    --counts_.at(Index(std::exchange(entry.added_to, lane)));
    ++counts_.at(Index(lane));
  }
  if (lane < entry.lane) {
    Leave(entry);
    Enter(entry, lane, now);
  }
  return false;
}

std::optional<FairLanes::Taken> FairLanes::Take(nanoseconds now) {
  Age(now);
  auto* const lane = std::ranges::find_if(lanes_, [](const auto& l) { return !l.ring.empty(); });
  if (lane == lanes_.end()) return std::nullopt;
  Entry& entry = Next(*lane);
  Leave(entry);
  --counts_.at(Index(entry.added_to));
  Taken taken{.key = *entry.key, .lane = entry.added_to, .since = entry.since};
  entries_.erase(taken.key);
  return taken;
}

std::vector<FairLanes::Taken> FairLanes::Peek(std::size_t count) const {
  std::vector<Taken> first;
  for (const LaneQueue& queue : lanes_) {
    for (const Entry* const entry : queue.by_age) {
      if (first.size() >= count) return first;
      first.push_back({.key = *entry->key, .lane = entry->added_to, .since = entry->since});
    }
  }
  return first;
}

void FairLanes::Clear() {
  lanes_ = {};
  counts_ = {};
  entries_.clear();
}

void FairLanes::Restart(nanoseconds now) {
  std::vector<Entry*> in_order;
  for (const LaneQueue& queue : lanes_) {
    in_order.insert(in_order.end(), queue.by_age.begin(), queue.by_age.end());
  }
  for (Entry* const entry : in_order) {
    Leave(*entry);
    entry->since = now;
    Enter(*entry, entry->added_to, now);
  }
}

void FairLanes::Enter(Entry& entry, Lane lane, nanoseconds now) {
  LaneQueue& queue = QueueOf(lane);
  const auto [it, fresh] = queue.namespaces.try_emplace(entry.key->ns);
  Namespace& ns = it->second;
  if (fresh) {
    ns.name = entry.key->ns;
    ns.turns_left = WeightOf(ns.name);
    ns.in_ring = queue.ring.insert(queue.ring.end(), &ns);
  }
  entry.lane = lane;
  entry.in_lane_since = now;
  entry.ns = &ns;
  entry.in_ns = ns.waiting.insert(ns.waiting.end(), &entry);
  entry.in_lane = queue.by_age.insert(queue.by_age.end(), &entry);
}

void FairLanes::Leave(Entry& entry) {
  LaneQueue& queue = QueueOf(entry.lane);
  Namespace& ns = *entry.ns;
  queue.by_age.erase(entry.in_lane);
  ns.waiting.erase(entry.in_ns);
  if (!ns.waiting.empty()) return;
  queue.ring.erase(ns.in_ring);
  queue.namespaces.erase(queue.namespaces.find(ns.name));
}

// A key moves at most three times in its life, so this costs nothing in the long run.
void FairLanes::Age(nanoseconds now) {
  for (std::size_t i = 1; i < kLaneCount; ++i) {
    std::list<Entry*>& by_age = lanes_.at(i).by_age;
    while (!by_age.empty() && now - by_age.front()->in_lane_since >= options_.ageing) {
      Entry& entry = *by_age.front();
      Leave(entry);
      Enter(entry, static_cast<Lane>(i - 1), now);
    }
  }
}

FairLanes::Entry& FairLanes::Next(LaneQueue& queue) {
  Namespace& ns = *queue.ring.front();
  if (--ns.turns_left <= 0) {
    ns.turns_left = WeightOf(ns.name);
    queue.ring.splice(queue.ring.end(), queue.ring, queue.ring.begin());
  }
  return *ns.waiting.front();
}

int FairLanes::WeightOf(std::string_view ns) const {
  const auto it = options_.weights.find(ns);
  return it == options_.weights.end() ? 1 : std::max(it->second, 1);
}

}  // namespace ffdl::k8s
