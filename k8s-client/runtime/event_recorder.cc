#include "k8s-client/runtime/event_recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "k8s-client/api/client.h"

namespace ffdl::k8s {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds kRetryDelay{1000};
constexpr std::size_t kNameBytesMax = 253;  // of any object

// FNV-1a: the same event gets the same name wherever it is made.
std::uint64_t Hash(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  }
  return hash;
}

std::string Shorten(std::string text, std::size_t bytes_max) {
  constexpr std::string_view kMark = "...";
  if (text.size() <= bytes_max) return text;
  std::size_t keep = bytes_max - kMark.size();
  while (keep > 0 && (static_cast<unsigned char>(text[keep]) & 0xC0U) == 0x80U) --keep;  // UTF-8
  text.resize(keep);
  return text.append(kMark);
}

// What makes two events identical.
std::string Identity(const ObjectReference& regarding, const PendingEvent& event) {
  return fmt::format("{}\n{}\n{}\n{}\n{}", regarding.uid, event.warning, event.reason, event.action,
                     event.note);
}

struct Series {
  ObjectReference regarding;
  PendingEvent event;
  ObjectKey key;  // of the Event
  Time first{};
  Time last{};
  nanoseconds last_steady{0};
  int count = 1;
  bool queued = false;
  bool created = false;
  int attempts = 0;
};

struct Bucket {
  double tokens = EventRecorder::kBurstPerObject;
  nanoseconds filled_at{0};
};

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
  std::deque<std::string> queue;  // identities
  std::map<std::string, Series> series;
  std::map<std::string, Bucket> buckets;  // by uid of the object

  bool TakeToken(const std::string& uid) {
    const nanoseconds now = context.clock.Steady();
    if (buckets.size() >= kSeriesMax && !buckets.contains(uid)) {
      std::erase_if(buckets, [&](const auto& entry) {
        return now - entry.second.filled_at >= kRefillPerObject * kBurstPerObject;
      });
      if (buckets.size() >= kSeriesMax) return false;
    }
    auto [it, added] = buckets.try_emplace(uid);
    Bucket& bucket = it->second;
    if (!added) {
      const std::chrono::duration<double> passed = now - bucket.filled_at;
      const double refill = passed / std::chrono::duration<double>(kRefillPerObject);
      bucket.tokens = std::min(bucket.tokens + refill, static_cast<double>(kBurstPerObject));
    }
    bucket.filled_at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

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

  void Enqueue(const std::string& identity, Series& entry) {
    if (queue.size() >= kQueueMax) {
      series.erase(queue.front());  // told as a new event should it happen again
      queue.pop_front();
      dropped.Add();
    }
    entry.queued = true;
    entry.attempts = 0;
    queue.push_back(identity);
  }

  void Add(const ObjectReference& regarding, PendingEvent event) {
    event.note = Shorten(std::move(event.note), kNoteBytesMax);
    const std::string identity = Identity(regarding, event);
    const Time now = context.clock.Now();
    const nanoseconds steady = context.clock.Steady();
    const auto known = series.find(identity);
    if (known != series.end() && steady - known->second.last_steady <= kSeriesSilenceMax) {
      Series& entry = known->second;
      ++entry.count;
      entry.last = now;
      entry.last_steady = steady;
      // Without a token the count goes up all the same, and the next repeat tells it.
      if (!entry.queued && TakeToken(regarding.uid)) Enqueue(identity, entry);
      return;
    }
    if (!TakeToken(regarding.uid)) {
      dropped.Add();
      return;
    }
    if (known != series.end() && !known->second.queued) series.erase(known);
    MakeRoom();
    const std::string suffix =
        fmt::format(".{:016x}", Hash(fmt::format("{}\n{}\n{}", identity, options.instance,
                                                 now.time_since_epoch().count())));
    Series entry{.regarding = regarding,
                 .event = std::move(event),
                 .first = now,
                 .last = now,
                 .last_steady = steady};
    entry.key = {.ns = regarding.key.ns.empty() ? "default" : regarding.key.ns,
                 .name = regarding.key.name.substr(0, kNameBytesMax - suffix.size()) + suffix};
    const auto [it, added] = series.try_emplace(identity, std::move(entry));
    if (added) Enqueue(identity, it->second);
  }

  [[nodiscard]] nlohmann::json Body(const Series& entry) const {
    return {
        {"apiVersion", "events.k8s.io/v1"},
        {"kind", "Event"},
        {"metadata", {{"name", entry.key.name}, {"namespace", entry.key.ns}}},
        {"eventTime", FormatMicroTime(entry.first)},
        {"reportingController", options.controller},
        {"reportingInstance", options.instance},
        {"type", entry.event.warning ? "Warning" : "Normal"},
        {"reason", entry.event.reason},
        {"action", entry.event.action},
        {"note", entry.event.note},
        {"regarding",
         {{"apiVersion", entry.regarding.api_version},
          {"kind", entry.regarding.kind},
          {"namespace", entry.regarding.key.ns},
          {"name", entry.regarding.key.name},
          {"uid", entry.regarding.uid}}},
    };
  }

  // On the loop. Sends what is first in the queue, unless something is under way.
  void Pump() {
    std::optional<Series> entry;
    std::string identity;
    {
      const std::scoped_lock lock(mutex);
      if (closed || busy || queue.empty()) return;
      identity = queue.front();
      queue.pop_front();
      const auto it = series.find(identity);  // what is queued is never erased
      it->second.queued = false;
      busy = true;
      entry = it->second;
    }
    auto done = [state = shared_from_this(), identity](const WriteResult& result) {
      state->OnSent(identity, result);
    };
    if (!entry->created) {
      client.Create(kEventType, entry->key.ns, Body(*entry), options.controller, std::move(done));
    } else {
      const nlohmann::json patch{
          {"series",
           {{"count", entry->count}, {"lastObservedTime", FormatMicroTime(entry->last)}}}};
      client.MergePatch(kEventType, entry->key, patch, /*status=*/false, std::move(done));
    }
  }

  void OnSent(const std::string& identity, const WriteResult& result) {
    bool retry = false;
    {
      const std::scoped_lock lock(mutex);
      if (closed) return;
      busy = false;
      const auto it = series.find(identity);
      if (it != series.end()) retry = Settle(it->second, identity, result);
    }
    if (!retry) return Pump();
    client.transport().loop().After(kRetryDelay, [state = shared_from_this()] { state->Pump(); });
  }

  // Returns whether to wait before the next request.
  bool Settle(Series& entry, const std::string& identity, const WriteResult& result) {
    const bool told = result.outcome == WriteOutcome::kCommitted ||
                      (result.outcome == WriteOutcome::kRejected && !entry.created &&
                       result.error.code == ErrorCode::kAlreadyExists);  // an answer was lost
    if (told) {
      const bool counted_on = !entry.created && entry.count > 1 && !entry.queued;
      entry.created = true;
      entry.attempts = 0;
      if (counted_on) Enqueue(identity, entry);  // repeats while the first was on its way
      return false;
    }
    const bool again = result.outcome != WriteOutcome::kRejected ||
                       result.error.code == ErrorCode::kTooManyRequests;
    if (again && ++entry.attempts < kAttemptsMax) {
      if (!entry.queued) queue.push_front(identity);
      entry.queued = true;
      return true;
    }
    dropped.Add();
    context.log(LogLevel::kDebug, "event not told: " + result.error.message);
    series.erase(identity);  // expired, refused or unlucky: the next one starts afresh
    return again;
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
    state_->Add(regarding, event);
  }
  state_->client.transport().loop().Post([state = state_] { state->Pump(); });
}

}  // namespace ffdl::k8s
