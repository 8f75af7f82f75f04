#include "k8s-client/runtime/controller.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ffdl::k8s {
namespace {

std::vector<double> ReconcileBounds() {  // those of controller-runtime
  return {0.005, 0.01, 0.025, 0.05, 0.1,  0.15, 0.2,  0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6,
          0.7,   0.8,  0.9,   1.0,  1.25, 1.5,  1.75, 2.0,  2.5, 3.0,  3.5, 4.0,  4.5, 5,
          6,     7,    8,     9,    10,   15,   20,   25,   30,  40,   50,  60};
}

bool ConcernsUser(const Error& error) {
  return RetryFor(error.code) == Retry::kNever || error.code == ErrorCode::kAlreadyExists;
}

}  // namespace

struct Controller::Meters {
  Counter& success;
  Counter& look_again;
  Counter& error;
  Counter& errors;
  Counter& terminal_errors;
  Histogram& seconds;
  Gauge& active;

  Meters(Metrics& metrics, const std::string& name)
      : success(Result(metrics, name, "success")),
        look_again(Result(metrics, name, "requeue_after")),
        error(Result(metrics, name, "error")),
        errors(metrics.CounterOf("controller_runtime_reconcile_errors_total", "Passes that failed.",
                                 {{"controller", name}})),
        terminal_errors(metrics.CounterOf("controller_runtime_terminal_reconcile_errors_total",
                                          "Passes whose failure no retry can mend.",
                                          {{"controller", name}})),
        seconds(metrics.HistogramOf("controller_runtime_reconcile_time_seconds",
                                    "How long passes took, writes included.", ReconcileBounds(),
                                    {{"controller", name}})),
        active(metrics.GaugeOf("controller_runtime_active_workers", "Passes under way.",
                               {{"controller", name}})) {}

  static Counter& Result(Metrics& metrics, const std::string& name, const char* result) {
    return metrics.CounterOf("controller_runtime_reconcile_total", "Passes, by result.",
                             {{"controller", name}, {"result", result}});
  }
};

struct Controller::Pass {
  ObjectKey key;
  std::optional<ObjectReference> regarding;
  std::optional<std::chrono::milliseconds> look_again_after;
  std::chrono::nanoseconds began_at{0};
  bool planned = false;  // whether it was a write that failed, and not the planning
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
      tracker_([this](const ObjectKey& key) { queue_.Add(key); }, context_),
      executor_({.field_manager = options_.field_manager}, requests, gate, tracker_, events,
                context_),
      meters_(std::make_unique<Meters>(context_.metrics, options_.name)) {
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
    threads_.emplace_back([this] { Work(); });
  }
}

void Controller::Stop(std::function<void()> drained) { queue_.ShutDown(std::move(drained)); }

void Controller::Work() {
  while (const std::optional<ObjectKey> key = queue_.Take()) Process(*key);
}

void Controller::RunReadyKeys() {
  while (const std::optional<ObjectKey> key = queue_.TryTake()) Process(*key);
}

void Controller::Process(const ObjectKey& key) {
  switch (tracker_.Check(key)) {
    case ConsistencyTracker::View::kCaughtUp:
      return PlanAndExecute(key);
    case ConsistencyTracker::View::kBehind:
      return WaitForCaches(key);
    case ConsistencyTracker::View::kTimedOut:
      context_.log(LogLevel::kWarning,
                   fmt::format("{}: the caches do not show our last writes; filling them again",
                               ToString(key)));
      return WaitForCaches(key);
    case ConsistencyTracker::View::kUnknownWrite:
      return LookUpUnknown(key);
  }
}

void Controller::WaitForCaches(const ObjectKey& key) {
  // The tracker wakes the key earlier when all is well.
  queue_.AddAfter(key, ConsistencyTracker::kWaitMax);
  queue_.Done(key);
}

void Controller::LookUpUnknown(const ObjectKey& key) {
  executor_.LookUpUnknown(key, [this, key](const Result<void>& looked_up) {
    if (looked_up) {
      queue_.Add(key);
      queue_.Done(key);
    } else {
      Fail({.key = key, .began_at = context_.clock.Steady()}, looked_up.error());
    }
  });
}

void Controller::PlanAndExecute(const ObjectKey& key) {
  meters_->active.Add(1);
  Pass pass{.key = key, .began_at = context_.clock.Steady()};
  Result<Plan> plan = plan_(key, context_.clock.Now());
  pass.regarding = describe_(key);
  if (!plan) {
    meters_->active.Add(-1);
    return Fail(pass, plan.error());
  }
  pass.planned = true;
  pass.look_again_after = plan->look_again_after;
  executor_.Execute(key, pass.regarding, std::move(*plan), [this, pass](const Result<void>& done) {
    meters_->active.Add(-1);
    if (done) {
      Succeed(pass);
    } else {
      Fail(pass, done.error());
    }
  });
}

// Both end with Done, after which this object may be gone: whoever waits for the drained queue may
// go on.

void Controller::Succeed(const Pass& pass) {
  meters_->seconds.Observe(
      std::chrono::duration<double>(context_.clock.Steady() - pass.began_at).count());
  (pass.look_again_after ? meters_->look_again : meters_->success).Add();
  queue_.Forget(pass.key);
  if (pass.look_again_after) queue_.AddAfter(pass.key, *pass.look_again_after);
  queue_.Done(pass.key);
}

void Controller::TellUser(const Pass& pass, const Error& error) {
  if (pass.regarding) {
    events_.Record(*pass.regarding, {.warning = true,
                                     .reason = "ReconcileFailed",
                                     .action = "Reconcile",
                                     .note = error.message});
  }
  // A deadline of the plan that failed still holds.
  queue_.AddAfter(pass.key, std::min(options_.hopeless_retry,
                                     pass.look_again_after.value_or(options_.hopeless_retry)));
}

void Controller::Fail(const Pass& pass, const Error& error) {
  meters_->seconds.Observe(
      std::chrono::duration<double>(context_.clock.Steady() - pass.began_at).count());
  meters_->error.Add();
  meters_->errors.Add();
  context_.log(LogLevel::kWarning, fmt::format("{}: {}", ToString(pass.key), error.message));
  if (RetryFor(error.code) == Retry::kNever) meters_->terminal_errors.Add();
  if (!ConcernsUser(error)) {
    // A conflict (kSoon) begins with the same short delay, and must not spin either.
    queue_.AddAfterFailure(pass.key, error.retry_after);
  } else if (hopeless_ && pass.planned) {
    hopeless_(pass.key, error);
    queue_.AddAfterFailure(pass.key, error.retry_after);
  } else {
    TellUser(pass, error);
  }
  queue_.Done(pass.key);
}

}  // namespace ffdl::k8s
