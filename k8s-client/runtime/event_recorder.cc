#include "k8s-client/runtime/event_recorder.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "k8s-client/api/client.h"
#include "k8s-client/runtime/event_series.h"

namespace ffdl::k8s {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds kRetryDelay{1000};

}  // namespace

struct EventRecorder::State : std::enable_shared_from_this<State> {
  State(EventRecorderOptions recorder_options, Transport& requests, RuntimeContext surroundings)
      : options(std::move(recorder_options)),
        client(requests),
        context(std::move(surroundings)),
        dropped(context.metrics.CounterOf("operator_events_dropped_total",
                                          "Events that were not told to users.")) {}

  const EventRecorderOptions options;
  Client client;
  const RuntimeContext context;
  Counter& dropped;

  std::mutex mutex;
  bool closed = false;
  bool busy = false;              // a request or a retry is under way
  std::deque<std::string> queue;  // identities; those due first are first
  std::map<std::string, EventSeries> series;
  EventBudget budget;
  bool looking = false;  // a timer of Look is set
  bool waiting = false;  // a timer of Pump is set
  std::function<void()> flushed;

  void MakeRoom() {
    const nanoseconds now = context.clock.Steady();
    std::erase_if(series, [&](const auto& entry) {
      return !entry.second.queued && now - entry.second.last_steady > kSeriesSilenceMax;
    });
    if (series.size() < kSeriesMax) return;
    const auto longest_silent = std::ranges::min_element(series, {}, [](const auto& entry) {
      return std::pair(entry.second.queued, entry.second.last_steady);
    });
    if (!longest_silent->second.queued) series.erase(longest_silent);
  }

  void Enqueue(const std::string& identity, EventSeries& entry, milliseconds delay) {
    if (queue.size() >= kQueueMax) {
      series.erase(queue.front());  // told as a new event should it happen again
      queue.pop_front();
      dropped.Add();
    }
    entry.queued = true;
    entry.due = context.clock.Steady() + delay;
    entry.attempts = 0;
    queue.push_back(identity);
  }

  // Returns whether there is something new to send.
  bool Add(const ObjectReference& regarding, PendingEvent event) {
    EventSeries entry = BeginSeries(regarding, std::move(event), options.instance, context.clock);
    const std::string identity = IdentityOf(regarding, entry.event);
    if (const auto known = series.find(identity); known != series.end()) {
      ++known->second.count;
      known->second.last = entry.last;
      known->second.last_steady = entry.last_steady;
      known->second.closing = false;
      return false;  // Look tells it
    }
    if (!budget.Take(regarding.uid, entry.last_steady)) {
      dropped.Add();
      return false;
    }
    MakeRoom();
    Enqueue(identity, series.emplace(identity, std::move(entry)).first->second, kCoalesce);
    return true;
  }

  // Whether the series can be forgotten. One that has to be told anew is queued.
  bool IsOver(const std::string& identity, EventSeries& entry, nanoseconds now) {
    if (entry.queued || entry.sending) return false;
    const bool silent = now - entry.last_steady >= kSeriesSilenceMax;
    if (entry.count == entry.told_count) return silent;
    if (!silent && now - entry.told_at < kSeriesRefresh) return false;
    entry.closing = silent;
    // A full queue has no room for numbers: the next look tries again.
    if (queue.size() < kQueueMax) Enqueue(identity, entry, milliseconds(0));
    return false;
  }

  // Each minute while there are series: which have to be told anew, and which are over?
  void Look() {
    {
      const std::scoped_lock lock(mutex);
      looking = false;
      if (closed) return;
      const nanoseconds now = context.clock.Steady();
      for (auto it = series.begin(); it != series.end();) {
        it = IsOver(it->first, it->second, now) ? series.erase(it) : std::next(it);
      }
      ScheduleLook();
    }
    Pump();
  }

  // With the mutex.
  void ScheduleLook() {
    if (looking || series.empty()) return;
    looking = true;
    client.transport().loop().After(kLookEvery, [weak = weak_from_this()] {
      if (const auto state = weak.lock()) state->Look();
    });
  }

  // On the loop. Sends what is first in the queue once it is due, unless something is under way.
  void Pump() {
    if (options.silenced && options.silenced()) return;
    std::optional<EventSeries> entry;
    std::string identity;
    std::function<void()> all_sent;
    {
      const std::scoped_lock lock(mutex);
      if (closed || busy) return;
      if (queue.empty()) {
        all_sent = std::exchange(flushed, {});
      } else if (IsDue(queue.front())) {
        identity = queue.front();
        queue.pop_front();
        EventSeries& next = series.at(identity);  // what is queued is never erased
        next.queued = false;
        next.sending = true;
        entry = next;
        busy = true;
      }
    }
    if (all_sent) all_sent();
    if (entry) Send(identity, *entry);
  }

  // With the mutex. If not, Pump is called again when it is.
  bool IsDue(const std::string& identity) {
    const nanoseconds left = series.at(identity).due - context.clock.Steady();
    if (left <= nanoseconds(0) || flushed) return true;
    if (!std::exchange(waiting, true)) {
      client.transport().loop().After(std::chrono::ceil<milliseconds>(left),
                                      [weak = weak_from_this()] {
                                        const auto state = weak.lock();
                                        if (!state) return;
                                        {
                                          const std::scoped_lock lock(state->mutex);
                                          state->waiting = false;
                                        }
                                        state->Pump();
                                      });
    }
    return false;
  }

  void Send(const std::string& identity, const EventSeries& entry) {
    auto done = [state = shared_from_this(), identity, count = entry.count](
                    const WriteResult& result) { state->OnSent(identity, count, result); };
    if (entry.told_count == 0) {
      client.Create(kEventType, entry.key.ns, EventBody(entry, options), options.controller,
                    std::move(done));
    } else {
      client.MergePatch(kEventType, entry.key, CountPatch(entry), /*status=*/false,
                        std::move(done));
    }
  }

  void OnSent(const std::string& identity, int count, const WriteResult& result) {
    bool retry = false;
    {
      const std::scoped_lock lock(mutex);
      if (closed) return;
      busy = false;
      retry = Settle(identity, count, result);
      ScheduleLook();
    }
    if (!retry) return Pump();
    client.transport().loop().After(kRetryDelay, [state = shared_from_this()] { state->Pump(); });
  }

  // Returns whether to wait before the next request.
  bool Settle(const std::string& identity, int count, const WriteResult& result) {
    const auto it = series.find(identity);
    if (it == series.end()) return false;
    EventSeries& entry = it->second;
    entry.sending = false;
    const bool told = result.outcome == WriteOutcome::kCommitted ||
                      (result.outcome == WriteOutcome::kRejected && entry.told_count == 0 &&
                       result.error.code == ErrorCode::kAlreadyExists);  // an answer was lost
    if (told) {
      entry.told_count = count;
      entry.told_at = context.clock.Steady();
      if (entry.closing) series.erase(it);
      return false;
    }
    const bool again = result.outcome != WriteOutcome::kRejected ||
                       result.error.code == ErrorCode::kTooManyRequests;
    if (again && !flushed && ++entry.attempts < kAttemptsMax) {
      queue.push_front(identity);
      entry.queued = true;
      return true;
    }
    dropped.Add();
    context.log(LogLevel::kDebug, "event not told: " + result.error.message);
    series.erase(it);  // expired, refused or unlucky: the next one starts afresh
    return again && !flushed;
  }
};

EventRecorder::EventRecorder(EventRecorderOptions options, Transport& requests,
                             RuntimeContext context)
    : state_(std::make_shared<State>(std::move(options), requests, std::move(context))) {}

EventRecorder::~EventRecorder() {
  const std::scoped_lock lock(state_->mutex);
  state_->closed = true;
}

void EventRecorder::Record(const ObjectReference& regarding, const PendingEvent& event) {
  {
    const std::scoped_lock lock(state_->mutex);
    if (!state_->Add(regarding, event)) return;
  }
  state_->client.transport().loop().Post([state = state_] { state->Pump(); });
}

void EventRecorder::Flush(std::function<void()> flushed) {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->flushed = std::move(flushed);
  }
  state_->client.transport().loop().Post([state = state_] { state->Pump(); });
}

}  // namespace ffdl::k8s
