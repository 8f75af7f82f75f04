#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "k8s-client/meta/object_key.h"

namespace ffdl::k8s {

// How urgent a pass is, the most urgent first.
enum class Lane {
  kUrgent,      // something is being deleted, or has failed
  kSpec,        // a person has changed what is wanted
  kChild,       // something that the object owns has changed
  kBackground,  // the first fill of a cache, and looking at everything again
};
inline constexpr std::size_t kLaneCount = 4;

[[nodiscard]] constexpr std::string_view Word(Lane lane) {
  constexpr std::array<std::string_view, kLaneCount> kWords{"urgent", "spec", "child",
                                                            "background"};
  return kWords.at(static_cast<std::size_t>(lane));
}

[[nodiscard]] constexpr Lane MoreUrgent(Lane a, Lane b) { return a < b ? a : b; }

struct FairLanesOptions {
  // A key that has waited so long in a lane moves to the next more urgent one.
  std::chrono::nanoseconds ageing{std::chrono::seconds(30)};
  // How many keys of a namespace are taken in a row when others wait, too; 1 where it is not named.
  std::map<std::string, int, std::less<>> weights;
};

// Keys that wait, and which is next: one of the most urgent lane; there the namespaces take turns,
// and within a namespace the first come is first. So no key waits for ever: behind a lane that is
// never empty it ages, and in the most urgent lane only the keys of its own namespace, and of
// others as many as their weights, go before it.
//
// Adding and taking cost the same whatever waits. Not thread-safe; knows no clock.
class FairLanes {
 public:
  struct Taken {
    ObjectKey key;
    Lane lane = Lane::kBackground;      // that it was added to, before it aged
    std::chrono::nanoseconds since{0};  // that it waits
  };

  explicit FairLanes(FairLanesOptions options) : options_(std::move(options)) {}
  ~FairLanes() = default;
  FairLanes(const FairLanes&) = delete;
  FairLanes& operator=(const FairLanes&) = delete;

  // A key that waits already gets the more urgent of its two lanes, and keeps its place if that is
  // the one that it is in. Returns whether it is new.
  bool Add(const ObjectKey& key, Lane lane, std::chrono::nanoseconds now);
  [[nodiscard]] std::optional<Taken> Take(std::chrono::nanoseconds now);
  void Clear();
  // As if every key had been added just now, in the lane that it was added to.
  void Restart(std::chrono::nanoseconds now);

  // Of the most urgent lane first, there those that have waited longest; at most `count`.
  [[nodiscard]] std::vector<Taken> Peek(std::size_t count) const;

  [[nodiscard]] bool contains(const ObjectKey& key) const { return entries_.contains(key); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  // Of the keys that were added to this lane, wherever they are by now.
  [[nodiscard]] std::size_t size(Lane added_to) const { return counts_.at(Index(added_to)); }

 private:
  struct Namespace;
  struct Entry {
    const ObjectKey* key = nullptr;  // that of entries_
    Lane added_to = Lane::kBackground;
    Lane lane = Lane::kBackground;  // where it is by now
    std::chrono::nanoseconds since{0};
    std::chrono::nanoseconds in_lane_since{0};
    Namespace* ns = nullptr;
    std::list<Entry*>::iterator in_ns{};
    std::list<Entry*>::iterator in_lane{};
  };
  struct Namespace {
    std::string name;
    std::list<Entry*> waiting;
    int turns_left = 0;
    std::list<Namespace*>::iterator in_ring{};
  };
  struct LaneQueue {
    std::list<Entry*> by_age;
    std::unordered_map<std::string, Namespace> namespaces;  // those in which a key waits
    std::list<Namespace*> ring;                             // the first has its turn
  };

  static constexpr std::size_t Index(Lane lane) { return static_cast<std::size_t>(lane); }
  LaneQueue& QueueOf(Lane lane) { return lanes_.at(Index(lane)); }
  void Enter(Entry& entry, Lane lane, std::chrono::nanoseconds now);
  void Leave(Entry& entry);
  void Age(std::chrono::nanoseconds now);
  Entry& Next(LaneQueue& queue);
  [[nodiscard]] int WeightOf(std::string_view ns) const;

  const FairLanesOptions options_;
  std::unordered_map<ObjectKey, Entry> entries_;
  std::array<LaneQueue, kLaneCount> lanes_;
  std::array<std::size_t, kLaneCount> counts_{};
};

}  // namespace ffdl::k8s
