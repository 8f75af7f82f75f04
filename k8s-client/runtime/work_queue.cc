#include "k8s-client/runtime/work_queue.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "k8s-client/runtime/work_queue_meters.h"

namespace ffdl::k8s {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

double Seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

// Functions ending in Locked need the mutex. Hooks are called without it.
struct WorkQueue::State : std::enable_shared_from_this<State> {
  State(WorkQueueOptions queue_options, EventLoop& event_loop, RuntimeContext surroundings)
      : options(std::move(queue_options)),
        loop(event_loop),
        context(std::move(surroundings)),
        meters(context.metrics, options.name),
        waiting(options.lanes) {}

  struct Processing {
    Lane lane = Lane::kChild;
    nanoseconds since{0};
    std::optional<Lane> dirty;  // added again meanwhile
  };

  const WorkQueueOptions options;
  EventLoop& loop;
  const RuntimeContext context;
  WorkQueueMeters meters;
  std::function<void()> on_ready;
  std::function<void()> on_refill;

  mutable std::mutex mutex;
  std::condition_variable takeable;
  FairLanes waiting;
  std::unordered_map<ObjectKey, Processing> processing;
  DelayedKeys delayed;
  std::unordered_map<ObjectKey, int> failures;
  EventLoop::TimerId timer = 0;
  nanoseconds timer_due{0};
  bool open = false;
  bool shut = false;
  std::optional<nanoseconds> paused_until;  // set while throttled
  bool overflowed = false;
  std::function<void()> drained;

  [[nodiscard]] bool TakeableLocked() const {
    if (!open || waiting.empty()) return false;
    if (!paused_until) return processing.size() < options.processing_max;
    return processing.empty() && context.clock.Steady() >= *paused_until;
  }

  void AnnounceIfTakeable() {
    bool ready_now = false;
    {
      const std::scoped_lock lock(mutex);
      ready_now = TakeableLocked();
    }
    Announce(ready_now);
  }

  void AddLocked(const ObjectKey& key, Lane lane) {
    if (shut) return;  // nobody will take it
    lane = MoreUrgent(lane, delayed.LaneOf(key).value_or(lane));
    if (const auto it = processing.find(key); it != processing.end()) {
      it->second.dirty = MoreUrgent(lane, it->second.dirty.value_or(lane));
    } else if (waiting.size() >= options.depth_max && !waiting.contains(key)) {
      overflowed = true;
      meters.dropped.Add();
    } else {
      if (waiting.Add(key, lane, context.clock.Steady())) meters.adds.Add();
      meters.Depth(waiting, !open);
    }
  }

  void AddAfterLocked(const WorkItem& item, milliseconds delay) {
    if (shut) return;
    delayed.Add(item, context.clock.Steady() + delay);
    ArmLocked();
  }

  void ArmLocked() {
    const std::optional<nanoseconds> next = delayed.next();
    if (!next || (timer != 0 && timer_due <= *next)) return;
    loop.Cancel(timer);
    timer_due = *next;
    const nanoseconds left = std::max(*next - context.clock.Steady(), nanoseconds(0));
    timer = loop.After(std::chrono::ceil<milliseconds>(left), [weak = weak_from_this()] {
      if (const auto state = weak.lock()) state->OnTimer();
    });
  }

  void OnTimer() {
    bool ready_now = false;
    {
      const std::scoped_lock lock(mutex);
      if (shut) return;
      timer = 0;
      const nanoseconds now = context.clock.Steady();
      while (const auto item = delayed.TakeDue(now)) AddLocked(item->key, item->lane);
      ArmLocked();
      ready_now = TakeableLocked();
    }
    Announce(ready_now);
  }

  // Wakes whoever takes keys; without the mutex.
  void Announce(bool ready_now) {
    if (!ready_now) return;
    takeable.notify_all();
    if (on_ready) on_ready();
  }

  WorkItem TakeLocked() {
    const nanoseconds now = context.clock.Steady();
    FairLanes::Taken taken = *waiting.Take(now);
    meters.waited.Observe(Seconds(now - taken.since));
    meters.Depth(waiting, !open);
    processing.emplace(taken.key, Processing{.lane = taken.lane, .since = now});
    delayed.Remove(taken.key);
    return {.key = std::move(taken.key), .lane = taken.lane, .since = taken.since};
  }

  // With the lock, which is given up.
  WorkItem Take(std::unique_lock<std::mutex> lock) {
    WorkItem item = TakeLocked();
    const bool refill = waiting.empty() && std::exchange(overflowed, false);
    lock.unlock();
    if (refill && on_refill) on_refill();
    return item;
  }

  void MeasureWorkUnderWay() {
    const std::scoped_lock lock(mutex);
    const nanoseconds now = context.clock.Steady();
    nanoseconds total{0};
    nanoseconds longest{0};
    for (const auto& [key, work] : processing) {
      total += now - work.since;
      longest = std::max(longest, now - work.since);
    }
    meters.unfinished.Set(Seconds(total));
    meters.longest.Set(Seconds(longest));
  }
};

WorkQueue::WorkQueue(WorkQueueOptions options, EventLoop& loop, RuntimeContext context)
    : state_(std::make_shared<State>(std::move(options), loop, std::move(context))) {
  state_->context.metrics.BeforeText([weak = std::weak_ptr(state_)] {
    if (const auto state = weak.lock()) state->MeasureWorkUnderWay();
  });
}

WorkQueue::~WorkQueue() { ShutDown(); }

void WorkQueue::OnReady(std::function<void()> ready) { state_->on_ready = std::move(ready); }
void WorkQueue::OnRefill(std::function<void()> refill) { state_->on_refill = std::move(refill); }

void WorkQueue::Add(const ObjectKey& key, Lane lane) {
  bool ready_now = false;
  {
    const std::scoped_lock lock(state_->mutex);
    state_->AddLocked(key, lane);
    ready_now = state_->TakeableLocked();
  }
  state_->Announce(ready_now);
}

void WorkQueue::AddAfter(const WorkItem& item, milliseconds delay) {
  if (delay <= milliseconds(0)) return Add(item.key, item.lane);
  const std::scoped_lock lock(state_->mutex);
  state_->AddAfterLocked(item, delay);
}

void WorkQueue::AddAfterFailure(const WorkItem& item, milliseconds at_least) {
  const std::scoped_lock lock(state_->mutex);
  state_->meters.retries.Add();
  const milliseconds delay =
      BackoffFor(++state_->failures[item.key], state_->options.backoff, state_->context.random);
  state_->AddAfterLocked(item, std::max(delay, at_least));
}

void WorkQueue::Forget(const ObjectKey& key) {
  const std::scoped_lock lock(state_->mutex);
  state_->failures.erase(key);
}

int WorkQueue::failures(const ObjectKey& key) const {
  const std::scoped_lock lock(state_->mutex);
  const auto it = state_->failures.find(key);
  return it == state_->failures.end() ? 0 : it->second;
}

std::optional<WorkItem> WorkQueue::Take() {
  std::unique_lock lock(state_->mutex);
  state_->takeable.wait(lock, [this] { return state_->shut || state_->TakeableLocked(); });
  if (state_->shut) return std::nullopt;
  return state_->Take(std::move(lock));
}

std::optional<WorkItem> WorkQueue::TryTake() {
  std::unique_lock lock(state_->mutex);
  if (state_->shut || !state_->TakeableLocked()) return std::nullopt;
  return state_->Take(std::move(lock));
}

void WorkQueue::Done(const ObjectKey& key) {
  // Whoever hears `drained` may destroy the queue while this thread is still here.
  const std::shared_ptr<State> state = state_;
  bool ready_now = false;
  std::function<void()> drained;
  {
    const std::scoped_lock lock(state->mutex);
    const auto it = state->processing.find(key);
    if (it == state->processing.end()) return;
    state->meters.worked.Observe(Seconds(state->context.clock.Steady() - it->second.since));
    const std::optional<Lane> dirty = it->second.dirty;
    state->processing.erase(it);
    if (dirty) state->AddLocked(key, *dirty);
    ready_now = state->TakeableLocked();
    if (state->shut && state->processing.empty()) drained = std::exchange(state->drained, {});
  }
  state->Announce(ready_now);
  if (drained) drained();
}

void WorkQueue::Open() {
  bool ready_now = false;
  {
    const std::scoped_lock lock(state_->mutex);
    state_->open = true;
    state_->waiting.Restart(state_->context.clock.Steady());
    state_->meters.Depth(state_->waiting, /*standby=*/false);
    ready_now = state_->TakeableLocked();
  }
  state_->takeable.notify_all();
  state_->Announce(ready_now);
}

void WorkQueue::Throttle(milliseconds pause) {
  const std::scoped_lock lock(state_->mutex);
  state_->paused_until = state_->context.clock.Steady() + pause;
  state_->loop.After(pause, [weak = std::weak_ptr(state_)] {
    if (const auto state = weak.lock()) state->AnnounceIfTakeable();
  });
}

void WorkQueue::Unthrottle() {
  {
    const std::scoped_lock lock(state_->mutex);
    if (!state_->paused_until) return;
    state_->paused_until.reset();
  }
  state_->takeable.notify_all();
  state_->AnnounceIfTakeable();
}

void WorkQueue::ShutDown(std::function<void()> drained) {
  const std::shared_ptr<State> state = state_;
  {
    const std::scoped_lock lock(state->mutex);
    state->shut = true;
    state->waiting.Clear();
    state->delayed.Clear();
    state->meters.Depth(state->waiting, !state->open);
    for (auto& [key, work] : state->processing) work.dirty.reset();
    state->loop.Cancel(std::exchange(state->timer, 0));
    if (!state->processing.empty()) {
      state->drained = std::exchange(drained, {});
    }
  }
  state->takeable.notify_all();
  if (drained) drained();
}

std::size_t WorkQueue::depth() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->waiting.size();
}

WorkQueueSnapshot WorkQueue::Snapshot(std::size_t count) const {
  const std::scoped_lock lock(state_->mutex);
  const nanoseconds now = state_->context.clock.Steady();
  WorkQueueSnapshot seen{.waiting_count = state_->waiting.size(),
                         .delayed_count = state_->delayed.size()};
  for (auto& [key, lane, since] : state_->waiting.Peek(count)) {
    seen.waiting.push_back({.item = {.key = key, .lane = lane}, .time = now - since});
  }
  for (const auto& [key, work] : state_->processing) {
    seen.processing.push_back({.item = {.key = key, .lane = work.lane}, .time = now - work.since});
  }
  std::ranges::sort(seen.processing, {}, [](const auto& entry) { return entry.item.key; });
  for (const auto& [item, due] : state_->delayed.Peek(count)) {
    seen.delayed.push_back({.item = item, .time = due - now});
  }
  return seen;
}

std::size_t WorkQueue::processing() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->processing.size();
}

}  // namespace ffdl::k8s
