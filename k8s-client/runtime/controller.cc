#include "k8s-client/runtime/controller.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "k8s-client/runtime/controller_meters.h"
#include "k8s-client/runtime/plan_text.h"

namespace ffdl::k8s {
namespace {

bool ConcernsUser(const Error& error) {
  return RetryFor(error.code) == Retry::kNever || error.code == ErrorCode::kAlreadyExists;
}

std::string VersionsText(const std::vector<CacheView*>& caches) {
  std::string text;
  for (const CacheView* const cache : caches) {
    fmt::format_to(std::back_inserter(text), "{}{} {}", text.empty() ? "" : ", ",
                   cache->type().plural, cache->resource_version());
  }
  return text;
}

// More digits than a double can hold would be other digits.
double LastDigits(const std::string& version) {
  constexpr std::size_t kDigits = 15;
  const std::size_t from = version.size() > kDigits ? version.size() - kDigits : 0;
  return std::strtod(version.c_str() + from, nullptr);
}

}  // namespace

struct Controller::Pass {
  WorkItem item;
  std::optional<ObjectReference> regarding;
  std::optional<std::chrono::milliseconds> look_again_after;
  std::chrono::nanoseconds began_at{0};
  bool planned = false;  // whether it was a write that failed, and not the planning
  bool idle = false;     // nothing was to be done
  std::string seen;      // these two for the trace
  std::string plan;
};

Controller::Controller(ControllerOptions options, PlanFunction plan, DescribeFunction describe,
                       Transport& requests, const WriteGate& gate, EventRecorder& events,
                       RuntimeContext context)
    : options_(std::move(options)),
      plan_(std::move(plan)),
      describe_(std::move(describe)),
      context_(std::move(context)),
      loop_(requests.loop()),
      events_(events),
      queue_({.name = options_.name}, loop_, context_),
      // What waits for a cache waits in its own lane.
      tracker_([this](const ObjectKey& key) { queue_.Add(key, Lane::kBackground); }, context_),
      executor_({.field_manager = options_.field_manager}, requests, gate, tracker_, events,
                context_),
      meters_(std::make_unique<Meters>(context_.metrics, options_.name)),
      planning_since_ns_(static_cast<std::size_t>(std::max(options_.workers, 1))) {
  context_.metrics.BeforeText(lifeline_.Guard([this] { MeasureCaches(); }));
  context_.metrics
      .GaugeOf("controller_runtime_max_concurrent_reconciles", "Threads that plan.",
               {{"controller", options_.name}})
      .Set(options_.workers);
  if (options_.workers == 0) {
    queue_.OnReady([this] { loop_.Post(lifeline_.Guard([this] { RunReadyKeys(); })); });
  }
}

Controller::~Controller() { queue_.ShutDown(); }

void Controller::Use(CacheView& cache) {
  tracker_.Use(cache);
  cache.OnProgress([this, &cache] { tracker_.OnProgress(cache.type()); });
}

void Controller::StartWorking() {
  queue_.Open();
  for (int i = 0; i < options_.workers; ++i) {
    threads_.emplace_back([this, i] {
      // Else it would be called after the thread that happened to start it.
      pthread_setname_np(pthread_self(), fmt::format("worker-{}", i).c_str());
      Work(static_cast<std::size_t>(i));
    });
  }
}

void Controller::Stop(std::function<void()> drained) { queue_.ShutDown(std::move(drained)); }

void Controller::Work(std::size_t worker) {
  while (const std::optional<WorkItem> item = queue_.Take()) Process(*item, worker);
}

void Controller::RunReadyKeys() {
  while (const std::optional<WorkItem> item = queue_.TryTake()) Process(*item, /*worker=*/0);
}

void Controller::Process(const WorkItem& item, std::size_t worker) {
  switch (tracker_.Check(item.key)) {
    case ConsistencyTracker::View::kCaughtUp:
      return PlanAndExecute(item, worker);
    case ConsistencyTracker::View::kBehind:
      return WaitForCaches(item);
    case ConsistencyTracker::View::kTimedOut:
      context_.log(LogLevel::kWarning,
                   fmt::format("{}: the caches do not show our last writes; filling them again",
                               ToString(item.key)));
      return WaitForCaches(item);
    case ConsistencyTracker::View::kUnknownWrite:
      return LookUpUnknown(item);
  }
}

void Controller::WaitForCaches(const WorkItem& item) {
  // The tracker wakes the key earlier when all is well.
  queue_.AddAfter(item, ConsistencyTracker::kWaitMax);
  queue_.Done(item.key);
}

void Controller::LookUpUnknown(const WorkItem& item) {
  executor_.LookUpUnknown(item.key, [this, item](const Result<void>& looked_up) {
    if (looked_up) {
      queue_.Add(item.key, item.lane);
      queue_.Done(item.key);
    } else {
      Fail({.item = item, .began_at = context_.clock.Steady()}, looked_up.error());
    }
  });
}

Result<Plan> Controller::MakePlan(const ObjectKey& key, std::size_t worker) {
  std::atomic<std::int64_t>& since = planning_since_ns_.at(worker);
  since = context_.clock.Steady().count();
  Result<Plan> plan = plan_(key, context_.clock.Now());
  since = 0;
  return plan;
}

std::chrono::nanoseconds Controller::PlanningFor() const {
  std::chrono::nanoseconds longest{0};
  for (const std::atomic<std::int64_t>& since_ns : planning_since_ns_) {
    const std::chrono::nanoseconds since{since_ns.load()};
    if (since.count() != 0) longest = std::max(longest, context_.clock.Steady() - since);
  }
  return longest;
}

void Controller::PlanAndExecute(const WorkItem& item, std::size_t worker) {
  const ObjectKey& key = item.key;
  meters_->active.Add(1);
  Pass pass{.item = item, .began_at = context_.clock.Steady()};
  Result<Plan> plan = MakePlan(key, worker);
  pass.regarding = describe_(key);
  if (!plan) {
    meters_->active.Add(-1);
    return Fail(pass, plan.error());
  }
  pass.planned = true;
  pass.idle = plan->empty();
  pass.look_again_after = plan->look_again_after;
  if (!pass.idle) {
    pass.seen = VersionsText(tracker_.caches());
    pass.plan = Describe(*plan);
  }
  if (!plan->actions.empty() || plan->status) {
    meters_->event_to_write.Observe(
        std::chrono::duration<double>(context_.clock.Steady() - item.since).count());
  }
  executor_.Execute(key, pass.regarding, std::move(*plan), [this, pass](const Result<void>& done) {
    meters_->active.Add(-1);
    if (done) {
      Succeed(pass);
    } else {
      Fail(pass, done.error());
    }
  });
}

void Controller::Trace(const Pass& pass, std::string result) {
  trace_.Record(pass.item.key, {.time = context_.clock.Now(),
                                .lane = pass.item.lane,
                                .seen = pass.seen,
                                .plan = pass.plan,
                                .result = std::move(result)});
}

void Controller::MeasureCaches() {
  for (const CacheView* const cache : tracker_.caches()) {
    const ResourceType& type = cache->type();
    context_.metrics
        .GaugeOf("operator_cache_lag_seconds",
                 "For how long the cache has failed to show a write of ours.",
                 {{"gvr", GvrText(type)}})
        .Set(std::chrono::duration<double>(tracker_.LagOf(type)).count());
    context_.metrics
        .GaugeOf("informer_store_resource_version", "The last 15 digits of the cache's version.",
                 {{"name", options_.name},
                  {"group", std::string(type.group)},
                  {"version", std::string(type.version)},
                  {"resource", std::string(type.plural)}})
        .Set(LastDigits(cache->resource_version()));
  }
}

// Both end with Done, after which this object may be gone: whoever waits for the drained queue may
// go on.

void Controller::Succeed(const Pass& pass) {
  meters_->seconds.Observe(
      std::chrono::duration<double>(context_.clock.Steady() - pass.began_at).count());
  (pass.look_again_after ? meters_->look_again : meters_->success).Add();
  if (!pass.idle) RetryNow();
  if (pass.idle) {
    trace_.RecordIdle(pass.item.key);
  } else {
    Trace(pass, "done");
  }
  queue_.Forget(pass.item.key);
  if (pass.look_again_after) LookAgain(pass, *pass.look_again_after);
  queue_.Done(pass.item.key);
}

void Controller::TellUser(const Pass& pass, const Error& error) {
  if (pass.regarding) {
    events_.Record(*pass.regarding, {.warning = true,
                                     .reason = "ReconcileFailed",
                                     .action = "Reconcile",
                                     .note = error.message});
  }
  // A deadline of the plan that failed still holds.
  LookAgain(pass, std::min(options_.hopeless_retry,
                           pass.look_again_after.value_or(options_.hopeless_retry)));
}

// A moment that has come is like any other change, however urgent the pass was that waits for it.
void Controller::LookAgain(const Pass& pass, std::chrono::milliseconds delay) {
  queue_.AddAfter({.key = pass.item.key, .lane = Lane::kChild}, delay);
}

void Controller::RetryLater(const Pass& pass, const Error& error) {
  const bool unavailable =
      error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout;
  if (!unavailable || ++unavailable_in_a_row_ < options_.unavailable_max) {
    // A conflict (kSoon) begins with the same short delay, and must not spin either.
    return queue_.AddAfterFailure(pass.item, error.retry_after);
  }
  // It is not this key's fault: it waits in the queue, and its own back-off does not grow.
  queue_.Throttle(options_.unavailable_pause);
  queue_.Add(pass.item.key, pass.item.lane);
}

void Controller::RetryNow() {
  if (unavailable_in_a_row_.exchange(0) >= options_.unavailable_max) queue_.Unthrottle();
}

void Controller::Fail(const Pass& pass, const Error& error) {
  meters_->seconds.Observe(
      std::chrono::duration<double>(context_.clock.Steady() - pass.began_at).count());
  meters_->error.Add();
  meters_->errors.Add();
  Trace(pass, error.message);
  context_.log(LogLevel::kWarning,
               fmt::format("{}: {}", ToString(pass.item.key), k8s::Describe(error)));
  if (RetryFor(error.code) == Retry::kNever) meters_->terminal_errors.Add();
  const bool unreadable = !pass.planned && error.code == ErrorCode::kBadResponse;
  if (unreadable) {
    TellUser(pass, error);  // until it changes, which is an event of its own
  } else if (!ConcernsUser(error)) {
    RetryLater(pass, error);
  } else if (hopeless_ && pass.planned) {
    hopeless_(pass.item.key, error);
    queue_.AddAfterFailure(pass.item, error.retry_after);
  } else {
    TellUser(pass, error);
  }
  queue_.Done(pass.item.key);
}

}  // namespace ffdl::k8s
