#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/net/event_loop.h"
#include "k8s-client/runtime/backoff.h"
#include "k8s-client/runtime/context.h"
#include "k8s-client/runtime/delayed_keys.h"
#include "k8s-client/runtime/fair_lanes.h"

namespace ffdl::k8s {

struct WorkQueueOptions {
  std::string name;  // label of the metrics
  // Keys that wait at once. Each key counts once, so only that many *different* objects can exceed
  // it. A key that finds the queue full is dropped, and `refill` is called when the queue has run
  // empty.
  std::size_t depth_max = 100'000;
  // Keys handed out and not yet done: bounds the writes in flight.
  std::size_t processing_max = 32;
  BackoffOptions backoff{.first = std::chrono::milliseconds(50),
                         .longest = std::chrono::minutes(5),
                         .jitter_percent = 50};
  FairLanesOptions lanes{};
};

// What a queue holds, for people.
struct WorkQueueSnapshot {
  struct Entry {
    WorkItem item;
    std::chrono::nanoseconds time{0};  // since it waits or is worked on; until it is due
  };
  std::size_t waiting_count = 0;
  std::size_t delayed_count = 0;
  std::vector<Entry> waiting;     // the most urgent first
  std::vector<Entry> processing;  // by key
  std::vector<Entry> delayed;     // those due first are first
};

// Keys that wait for a pass, in the order of FairLanes. A key waits at most once; one that is added
// while a worker has it waits again as soon as that worker is done with it, so no key is ever with
// two workers.
//
// Thread-safe. Delays run on `loop`, through its timers alone. May be destroyed while the loop
// still turns.
class WorkQueue {
 public:
  // Borrows the loop and what the context borrows.
  WorkQueue(WorkQueueOptions options, EventLoop& loop, RuntimeContext context);
  ~WorkQueue();  // shuts down
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  // Called, on the thread of whoever caused it, whenever a key may have become takeable. For a
  // driver without threads. To be set before the first Add.
  void OnReady(std::function<void()> ready);
  // Called when the queue has run empty after keys were dropped: add every key again.
  void OnRefill(std::function<void()> refill);

  // The most urgent of several lanes counts, that of a delay included: what was put off for want of
  // a fresh cache comes back in its own lane, whoever wakes it.
  void Add(const ObjectKey& key, Lane lane);
  // Of several delays for one key the earliest counts. Taking the key drops the delay: the pass
  // decides anew when to look again.
  void AddAfter(const WorkItem& item, std::chrono::milliseconds delay);
  // Adds after a delay that doubles with each call until Forget, and is at least `at_least`.
  void AddAfterFailure(const WorkItem& item, std::chrono::milliseconds at_least = {});
  // The key is well again: the next failure waits the shortest delay.
  void Forget(const ObjectKey& key);
  [[nodiscard]] int failures(const ObjectKey& key) const;

  // Take waits for a key and gives nothing only after ShutDown; TryTake never waits. Nothing is
  // handed out before Open. Each key taken must be given back by Done.
  [[nodiscard]] std::optional<WorkItem> Take();
  [[nodiscard]] std::optional<WorkItem> TryTake();
  void Done(const ObjectKey& key);

  // Until then keys gather (a standby's queue is warm). They begin to age, and to count as waiting,
  // only now.
  void Open();
  // The server cannot be reached: hands nothing out for `pause`, and then one key at a time, until
  // Unthrottle.
  void Throttle(std::chrono::milliseconds pause);
  void Unthrottle();
  // Drops what waits and refuses what comes; keys with workers may still be given back. `drained`
  // is called once the last of them is, at once if there is none.
  void ShutDown(std::function<void()> drained = {});

  [[nodiscard]] std::size_t depth() const;       // waiting now, without the delayed
  [[nodiscard]] std::size_t processing() const;  // taken and not yet done
  // At most `count` of what waits and of what is delayed.
  [[nodiscard]] WorkQueueSnapshot Snapshot(std::size_t count) const;

 private:
  struct State;  // shared with timers
  std::shared_ptr<State> state_;
};

}  // namespace ffdl::k8s
