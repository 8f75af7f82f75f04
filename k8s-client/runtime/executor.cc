// How an executor writes. executor_look_ups.cc has what it reads, and what it makes of that.
#include "k8s-client/runtime/executor.h"

#include <fmt/format.h>

#include <utility>

#include "k8s-client/meta/label_selector.h"
#include "k8s-client/runtime/executor_pass.h"
#include "k8s-client/runtime/plan_text.h"

namespace ffdl::k8s {
namespace {

// An apply without force meets an object that was never seen: its fields belong to others.
bool SaysNameIsTaken(const Action& action, const Error& error) {
  return (action.verb == Action::Verb::kCreate && error.code == ErrorCode::kAlreadyExists) ||
         (action.verb == Action::Verb::kApply && !action.force &&
          error.code == ErrorCode::kConflict);
}

bool IsDestructive(const Action& action) {
  return action.destructive || action.verb == Action::Verb::kDelete;
}

}  // namespace

Executor::Executor(ExecutorOptions options, Transport& requests, const WriteGate& gate,
                   ConsistencyTracker& tracker, EventRecorder& events, RuntimeContext context)
    : options_(std::move(options)),
      transport_(requests, options_.request_timeout),
      client_(transport_),
      gate_(gate),
      tracker_(tracker),
      events_(events),
      context_(std::move(context)),
      guard_(tracker, context_),
      ambiguous_writes_(context_.metrics.CounterOf("operator_ambiguous_writes_total",
                                                   "Writes whose outcome had to be looked up.")),
      refused_writes_(context_.metrics.CounterOf(
          "operator_writes_refused_total",
          "Writes not sent for want of a valid lease or of a fresh cache.")),
      looks_(context_.metrics.CounterOf(
          "operator_looks_before_writes_total",
          "Reads of the target of a destructive write, while a watch was silent.")),
      in_flight_(context_.metrics.GaugeOf("operator_inflight_writes", "Writes on their way.")) {}

void Executor::Execute(const ObjectKey& key, const std::optional<ObjectReference>& regarding,
                       Plan plan, Done done) {
  Next(std::make_shared<Pass>(
      Pass{.key = key, .regarding = regarding, .plan = std::move(plan), .done = std::move(done)}));
}

void Executor::Next(const PassPtr& pass) {
  if (const std::size_t end = pass->deletes_end(); end > pass->next + 1) {
    return DeleteTogether(pass, end);
  }
  if (pass->next < pass->writes()) return Write(pass);
  if (pass->regarding) {
    for (const PendingEvent& event : pass->plan.events) events_.Record(*pass->regarding, event);
  }
  pass->done({});  // the last thing: the executor may be gone afterwards
}

void Executor::Proceed(const PassPtr& pass) {
  ++pass->next;
  Next(pass);
}

// What was to be deleted is gone, or going.
void Executor::Gone(const PassPtr& pass) {
  const Action& action = pass->action();
  tracker_.RecordDelete(pass->key, action.type, action.key, action.expect_uid);
  Proceed(pass);
}

void Executor::End(const PassPtr& pass, Error error) {
  pass->done(unexpected<Error>(WithContext(Describe(pass->action()), std::move(error))));
}

void Executor::Write(const PassPtr& pass) {
  const Action& action = pass->action();
  if (action.verb == Action::Verb::kDelete && action.expect_uid.empty()) {
    return End(pass, {.code = ErrorCode::kInternal, .message = "no uid to expect"});
  }
  if (!WouldBeSeen(action)) {
    return End(pass, {.code = ErrorCode::kInternal,
                      .message = "its labels are not those that our own watch selects"});
  }
  if (action.expect_owner) return LookAtOwner(pass);
  if (!IsDestructive(action)) return Send(pass);
  const ViewGuard::Judgement judgement = guard_.Judge();
  switch (judgement.verdict) {
    case ViewGuard::Verdict::kGo:
      return Send(pass);
    case ViewGuard::Verdict::kLookFirst:
      return LookThenWrite(pass);
    case ViewGuard::Verdict::kRefuse:
      refused_writes_.Add();
      return End(pass, {.code = ErrorCode::kUnavailable, .message = "not sent: " + judgement.why});
  }
}

// An object that our own watch does not select would be missed for ever: made again and again, and
// waited for.
bool Executor::WouldBeSeen(const Action& action) const {
  if (action.verb != Action::Verb::kCreate && action.verb != Action::Verb::kApply) return true;
  const nlohmann::json::json_pointer at("/metadata/labels");
  return IsSeen(action.type, action.body.contains(at) ? action.body[at].get<Labels>() : Labels());
}

bool Executor::IsSeen(const ResourceType& type, const Labels& labels) const {
  const CacheView* const cache = tracker_.CacheOf(type);
  return cache == nullptr || cache->label_selector().empty() ||
         Selects(cache->label_selector(), labels);
}

void Executor::Send(const PassPtr& pass) {
  const Action& action = pass->action();
  if (!gate_.MayWrite(options_.request_timeout)) {
    refused_writes_.Add();
    return End(pass, {.code = ErrorCode::kUnavailable,
                      .message = "not sent: the lease is not certain to outlast the request"});
  }
  context_.log(LogLevel::kInfo,
               fmt::format("{}: {} ({})", ToString(pass->key), Describe(action), action.why));
  in_flight_.Add(1);
  auto done = lifeline_.Guard([this, pass](const WriteResult& result) {
    in_flight_.Add(-1);
    OnWritten(pass, result);
  });
  switch (action.verb) {
    case Action::Verb::kCreate:
      return client_.Create(action.type, action.key.ns, action.body, options_.field_manager,
                            std::move(done));
    case Action::Verb::kApply:
      return client_.Apply(action.type, action.key, action.body,
                           {.field_manager = options_.field_manager, .force = action.force},
                           std::move(done));
    case Action::Verb::kApplyStatus:
      return client_.Apply(action.type, action.key, action.body,
                           {.field_manager = options_.field_manager + "-status",
                            .status = true,
                            .force = action.force},
                           std::move(done));
    case Action::Verb::kDelete:
      return client_.Delete(
          action.type, action.key,
          {.uid = action.expect_uid, .resource_version = action.expect_resource_version},
          {.grace_seconds = action.grace_seconds}, std::move(done));
  }
}

void Executor::OnWritten(const PassPtr& pass, const WriteResult& result) {
  const Action& action = pass->action();
  switch (result.outcome) {
    case WriteOutcome::kCommitted:
      tracker_.RecordWrite(pass->key, action.type, result.resource_version);
      if (action.verb == Action::Verb::kDelete) {
        tracker_.RecordDelete(pass->key, action.type, action.key, action.expect_uid);
      }
      return Proceed(pass);
    case WriteOutcome::kNotSent:
      return End(pass, result.error);
    case WriteOutcome::kRejected:
      return OnRejected(pass, result.error);
    case WriteOutcome::kUnknown:
      return OnUnknown(pass, result.error);
  }
}

void Executor::OnDeleteRejected(const PassPtr& pass, const Error& error) {
  const Action& action = pass->action();
  if (error.code == ErrorCode::kNotFound) return Gone(pass);
  if (error.code != ErrorCode::kConflict || !action.expect_resource_version.empty()) {
    return End(pass, error);
  }
  // Most likely another uid has the name. But to take a conflict of another kind for that would be
  // to wait for ever for an object to go that nobody has deleted.
  LookUp({.type = action.type, .key = action.key},
         [this, pass, error](Result<std::optional<ObjectMeta>> live) {
           if (!live) return End(pass, std::move(live.error()));
           if (*live && (*live)->uid == pass->action().expect_uid) return End(pass, error);
           Gone(pass);
         });
}

void Executor::OnRejected(const PassPtr& pass, const Error& error) {
  const Action& action = pass->action();
  if (action.verb == Action::Verb::kDelete) return OnDeleteRejected(pass, error);
  if (!SaysNameIsTaken(action, error)) return End(pass, error);
  if (action.blind) return Proceed(pass);
  LookUp({.type = action.type, .key = action.key},
         [this, pass, error](Result<std::optional<ObjectMeta>> live) {
           if (!live) return End(pass, std::move(live.error()));
           if (!*live) return End(pass, error);  // gone meanwhile: the next pass creates it
           JudgeExisting(pass, **live);
         });
}

}  // namespace ffdl::k8s
