#include "k8s-client/runtime/work_queue.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace ffdl::k8s {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

double Seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

struct Meters {
  Gauge& depth;
  Counter& adds;
  Counter& retries;
  Counter& dropped;
  Histogram& waited;
  Histogram& worked;

  Meters(Metrics& metrics, const std::string& name)
      : depth(metrics.GaugeOf("workqueue_depth", "Keys that wait.", {{"name", name}})),
        adds(metrics.CounterOf("workqueue_adds_total", "Keys added.", {{"name", name}})),
        retries(metrics.CounterOf("workqueue_retries_total", "Keys added after a failure.",
                                  {{"name", name}})),
        dropped(metrics.CounterOf("workqueue_dropped_total", "Keys that found the queue full.",
                                  {{"name", name}})),
        waited(metrics.HistogramOf("workqueue_queue_duration_seconds", "How long keys waited.",
                                   ExponentialBounds(10e-9, 10, 10), {{"name", name}})),
        worked(metrics.HistogramOf("workqueue_work_duration_seconds",
                                   "How long keys were with a worker.",
                                   ExponentialBounds(10e-9, 10, 10), {{"name", name}})) {}
};

}  // namespace

// Functions ending in Locked need the mutex. Hooks are called without it.
struct WorkQueue::State : std::enable_shared_from_this<State> {
  State(WorkQueueOptions queue_options, EventLoop& event_loop, RuntimeContext surroundings)
      : options(std::move(queue_options)),
        loop(event_loop),
        context(std::move(surroundings)),
        meters(context.metrics, options.name) {}

  const WorkQueueOptions options;
  EventLoop& loop;
  const RuntimeContext context;
  Meters meters;
  std::function<void()> on_ready;
  std::function<void()> on_refill;

  mutable std::mutex mutex;
  std::condition_variable takeable;
  std::deque<ObjectKey> ready;
  std::map<ObjectKey, nanoseconds> waiting;     // the keys of `ready`, and since when
  std::map<ObjectKey, nanoseconds> processing;  // taken, and since when
  std::set<ObjectKey> dirty;                    // added again while processing
  std::map<ObjectKey, nanoseconds> due;         // delayed
  std::set<std::pair<nanoseconds, ObjectKey>> by_due;
  std::map<ObjectKey, int> failures;
  EventLoop::TimerId timer = 0;
  nanoseconds timer_due{0};
  bool open = false;
  bool shut = false;
  bool overflowed = false;
  std::function<void()> drained;

  [[nodiscard]] bool TakeableLocked() const {
    return open && !ready.empty() && processing.size() < options.processing_max;
  }

  void AddLocked(const ObjectKey& key) {
    if (shut) {
      // Nobody will take it.
    } else if (waiting.contains(key)) {
      // One pass covers any number of changes.
    } else if (processing.contains(key)) {
      dirty.insert(key);
    } else if (ready.size() >= options.depth_max) {
      overflowed = true;
      meters.dropped.Add();
    } else {
      ready.push_back(key);
      waiting.emplace(key, context.clock.Steady());
      meters.adds.Add();
      meters.depth.Set(static_cast<double>(ready.size()));
    }
  }

  void AddAfterLocked(const ObjectKey& key, milliseconds delay) {
    if (shut) return;
    const nanoseconds at = context.clock.Steady() + delay;
    const auto [it, added] = due.emplace(key, at);
    if (!added) {
      if (it->second <= at) return;
      by_due.erase({it->second, key});
      it->second = at;
    }
    by_due.emplace(at, key);
    ArmLocked();
  }

  void DropDelayLocked(const ObjectKey& key) {
    const auto it = due.find(key);
    if (it == due.end()) return;
    by_due.erase({it->second, key});
    due.erase(it);
  }

  void ArmLocked() {
    if (by_due.empty()) return;
    const nanoseconds next = by_due.begin()->first;
    if (timer != 0 && timer_due <= next) return;
    loop.Cancel(timer);
    timer_due = next;
    const nanoseconds left = std::max(next - context.clock.Steady(), nanoseconds(0));
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
      while (!by_due.empty() && by_due.begin()->first <= now) {
        const ObjectKey key = by_due.begin()->second;
        DropDelayLocked(key);
        AddLocked(key);
      }
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

  ObjectKey TakeLocked() {
    ObjectKey key = std::move(ready.front());
    ready.pop_front();
    const nanoseconds now = context.clock.Steady();
    const auto since = waiting.find(key);
    meters.waited.Observe(Seconds(now - since->second));
    meters.depth.Set(static_cast<double>(ready.size()));
    waiting.erase(since);
    processing.emplace(key, now);
    DropDelayLocked(key);
    return key;
  }

  [[nodiscard]] bool RefillDueLocked() { return ready.empty() && std::exchange(overflowed, false); }
};

WorkQueue::WorkQueue(WorkQueueOptions options, EventLoop& loop, RuntimeContext context)
    : state_(std::make_shared<State>(std::move(options), loop, std::move(context))) {}

WorkQueue::~WorkQueue() { ShutDown(); }

void WorkQueue::OnReady(std::function<void()> ready) { state_->on_ready = std::move(ready); }
void WorkQueue::OnRefill(std::function<void()> refill) { state_->on_refill = std::move(refill); }

void WorkQueue::Add(const ObjectKey& key) {
  bool ready_now = false;
  {
    const std::scoped_lock lock(state_->mutex);
    state_->AddLocked(key);
    ready_now = state_->TakeableLocked();
  }
  state_->Announce(ready_now);
}

void WorkQueue::AddAfter(const ObjectKey& key, milliseconds delay) {
  if (delay <= milliseconds(0)) return Add(key);
  const std::scoped_lock lock(state_->mutex);
  state_->AddAfterLocked(key, delay);
}

void WorkQueue::AddAfterFailure(const ObjectKey& key, milliseconds at_least) {
  const std::scoped_lock lock(state_->mutex);
  state_->meters.retries.Add();
  const milliseconds delay =
      BackoffFor(++state_->failures[key], state_->options.backoff, state_->context.random);
  state_->AddAfterLocked(key, std::max(delay, at_least));
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

std::optional<ObjectKey> WorkQueue::Take() {
  std::unique_lock lock(state_->mutex);
  state_->takeable.wait(lock, [this] { return state_->shut || state_->TakeableLocked(); });
  if (state_->shut) return std::nullopt;
  ObjectKey key = state_->TakeLocked();
  const bool refill = state_->RefillDueLocked();
  lock.unlock();
  if (refill && state_->on_refill) state_->on_refill();
  return key;
}

std::optional<ObjectKey> WorkQueue::TryTake() {
  std::unique_lock lock(state_->mutex);
  if (state_->shut || !state_->TakeableLocked()) return std::nullopt;
  ObjectKey key = state_->TakeLocked();
  const bool refill = state_->RefillDueLocked();
  lock.unlock();
  if (refill && state_->on_refill) state_->on_refill();
  return key;
}

void WorkQueue::Done(const ObjectKey& key) {
  // Whoever hears `drained` may destroy the queue while this thread is still here.
  const std::shared_ptr<State> state = state_;
  bool ready_now = false;
  std::function<void()> drained;
  {
    const std::scoped_lock lock(state->mutex);
    const auto since = state->processing.find(key);
    if (since == state->processing.end()) return;
    state->meters.worked.Observe(Seconds(state->context.clock.Steady() - since->second));
    state->processing.erase(since);
    if (state->dirty.erase(key) > 0) state->AddLocked(key);
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
    ready_now = state_->TakeableLocked();
  }
  state_->takeable.notify_all();
  state_->Announce(ready_now);
}

void WorkQueue::ShutDown(std::function<void()> drained) {
  const std::shared_ptr<State> state = state_;
  {
    const std::scoped_lock lock(state->mutex);
    state->shut = true;
    state->ready.clear();
    state->waiting.clear();
    state->dirty.clear();
    state->due.clear();
    state->by_due.clear();
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
  return state_->ready.size();
}

std::size_t WorkQueue::processing() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->processing.size();
}

}  // namespace ffdl::k8s
