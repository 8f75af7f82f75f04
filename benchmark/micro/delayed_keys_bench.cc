// Keys that wait for a moment: the ordered set that we use, and a timer wheel for comparison. With
// `range` other keys waiting, as in a cluster with so many jobs that have a deadline.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "k8s-client/runtime/delayed_keys.h"

namespace ffdl::benchmarks {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// One wheel of a second a slot, rounds counted by the moment itself: the simplest that can hold
// delays of hours.
class TimerWheel {
 public:
  void Add(const k8s::WorkItem& item, nanoseconds due) {
    const auto [it, added] = places_.try_emplace(item.key);
    if (!added) {
      if (it->second.where->due <= due) return;
      slots_[it->second.slot].erase(it->second.where);
    }
    it->second.slot = static_cast<std::size_t>(due / 1s) % kSlots;
    std::list<Entry>& slot = slots_[it->second.slot];
    it->second.where = slot.insert(slot.end(), {.due = due, .item = item});
  }
  void Remove(const k8s::ObjectKey& key) {
    const auto it = places_.find(key);
    slots_[it->second.slot].erase(it->second.where);
    places_.erase(it);
  }

 private:
  static constexpr std::size_t kSlots = 4096;
  struct Entry {
    nanoseconds due;
    k8s::WorkItem item;
  };
  struct Place {
    std::size_t slot = 0;
    std::list<Entry>::iterator where{};
  };
  std::vector<std::list<Entry>> slots_ = std::vector<std::list<Entry>>(kSlots);
  std::unordered_map<k8s::ObjectKey, Place> places_;
};

// What a job costs: its deadline is set, found to be earlier than a second one, and dropped when an
// event of the job comes first.
template <typename Delays>
void SetAndDrop(benchmark::State& state) {
  Delays delays;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    delays.Add({.key = {"team-vision", "job-" + std::to_string(i)}}, i * 37ms);
  }
  const k8s::WorkItem item{.key = {"team-vision", "bert-large"}};
  nanoseconds now{0};
  for (auto _ : state) {
    now += 10ms;
    delays.Add(item, now + 1h);
    delays.Add(item, now + 2s);
    delays.Remove(item.key);
  }
}
BENCHMARK(SetAndDrop<k8s::DelayedKeys>)->Arg(0)->Arg(10'000)->Arg(100'000);
BENCHMARK(SetAndDrop<TimerWheel>)->Arg(0)->Arg(10'000)->Arg(100'000);

}  // namespace
}  // namespace ffdl::benchmarks
