#include "k8s-client/runtime/executor.h"

#include <fmt/format.h>

#include <utility>

#include "k8s-client/informer/readers.h"

namespace ffdl::k8s {
namespace {

std::string_view Word(Action::Verb verb) {
  switch (verb) {
    case Action::Verb::kCreate:
      return "create";
    case Action::Verb::kApply:
      return "apply";
    case Action::Verb::kApplyStatus:
      return "apply status of";
    case Action::Verb::kDelete:
      return "delete";
  }
  return "write";
}

// "create StatefulSet ml/bert-learner"
std::string Describe(const Action& action) {
  return fmt::format("{} {} {}", Word(action.verb), action.type.kind, ToString(action.key));
}

std::string TextAt(const nlohmann::json& body, const char* pointer) {
  const nlohmann::json::json_pointer at(pointer);
  return body.contains(at) && body[at].is_string() ? body[at].get<std::string>() : "";
}

bool IsOurs(const ObjectMeta& live, const Action& create) {
  const OwnerReference* const owner = ControllerOf(live);
  const std::string our_uid = TextAt(create.body, "/metadata/ownerReferences/0/uid");
  return owner != nullptr && !our_uid.empty() && owner->uid == our_uid;
}

std::string OwnerText(const Action& create) {
  const std::string name = TextAt(create.body, "/metadata/ownerReferences/0/name");
  if (name.empty()) return "us";
  return fmt::format("{} {}", TextAt(create.body, "/metadata/ownerReferences/0/kind"),
                     ToString(ObjectKey{.ns = create.key.ns, .name = name}));
}

// An apply without force meets an object that was never seen: its fields belong to others.
bool SaysNameIsTaken(const Action& action, const Error& error) {
  return (action.verb == Action::Verb::kCreate && error.code == ErrorCode::kAlreadyExists) ||
         (action.verb == Action::Verb::kApply && !action.force &&
          error.code == ErrorCode::kConflict);
}

}  // namespace

// A plan under way. Writes are numbered through: actions first, then the status.
struct Executor::Pass {
  ObjectKey key;
  std::optional<ObjectReference> regarding;
  Plan plan;
  Done done;
  std::size_t next = 0;

  [[nodiscard]] std::size_t writes() const { return plan.actions.size() + (plan.status ? 1 : 0); }
  [[nodiscard]] const Action& action() const {
    return next < plan.actions.size() ? plan.actions[next] : *plan.status;
  }
};

Executor::Executor(ExecutorOptions options, Transport& requests, const WriteGate& gate,
                   ConsistencyTracker& tracker, EventRecorder& events, RuntimeContext context)
    : options_(std::move(options)),
      transport_(requests, options_.request_timeout),
      client_(transport_),
      gate_(gate),
      tracker_(tracker),
      events_(events),
      context_(std::move(context)),
      ambiguous_writes_(context_.metrics.CounterOf("operator_ambiguous_writes_total",
                                                   "Writes whose outcome had to be looked up.")),
      refused_writes_(context_.metrics.CounterOf("operator_writes_refused_total",
                                                 "Writes not sent for want of a valid lease.")) {}

void Executor::Execute(const ObjectKey& key, const std::optional<ObjectReference>& regarding,
                       Plan plan, Done done) {
  Next(std::make_shared<Pass>(
      Pass{.key = key, .regarding = regarding, .plan = std::move(plan), .done = std::move(done)}));
}

void Executor::Next(const PassPtr& pass) {
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

void Executor::End(const PassPtr& pass, Error error) {
  pass->done(unexpected<Error>(WithContext(Describe(pass->action()), std::move(error))));
}

void Executor::Write(const PassPtr& pass) {
  const Action& action = pass->action();
  if (!gate_.MayWrite(options_.request_timeout)) {
    refused_writes_.Add();
    return End(pass, {.code = ErrorCode::kUnavailable,
                      .message = "not sent: the lease is not certain to outlast the request"});
  }
  context_.log(LogLevel::kInfo,
               fmt::format("{}: {} ({})", ToString(pass->key), Describe(action), action.why));
  auto done = lifeline_.Guard([this, pass](const WriteResult& result) { OnWritten(pass, result); });
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
      if (action.expect_uid.empty()) {
        return End(pass, {.code = ErrorCode::kInternal, .message = "no uid to expect"});
      }
      return client_.Delete(
          action.type, action.key,
          {.uid = action.expect_uid, .resource_version = action.expect_resource_version},
          action.grace_seconds, std::move(done));
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

void Executor::OnRejected(const PassPtr& pass, const Error& error) {
  const Action& action = pass->action();
  if (action.verb == Action::Verb::kDelete) {
    // Without an expected version only another uid can be the conflict: ours is gone already.
    const bool gone =
        error.code == ErrorCode::kNotFound ||
        (error.code == ErrorCode::kConflict && action.expect_resource_version.empty());
    if (!gone) return End(pass, error);
    tracker_.RecordDelete(pass->key, action.type, action.key, action.expect_uid);
    return Proceed(pass);
  }
  if (!SaysNameIsTaken(action, error)) return End(pass, error);
  LookUp({.type = action.type, .key = action.key},
         [this, pass, error](Result<std::optional<ObjectMeta>> live) {
           if (!live) return End(pass, std::move(live.error()));
           if (!*live) return End(pass, error);  // gone meanwhile: the next pass creates it
           JudgeExisting(pass, **live);
         });
}

void Executor::JudgeExisting(const PassPtr& pass, const ObjectMeta& live) {
  const Action& action = pass->action();
  if (IsOurs(live, action)) {
    tracker_.RecordWrite(pass->key, action.type, live.resource_version);
    if (action.verb == Action::Verb::kCreate) return Proceed(pass);
    // Our own, but the cache did not show it yet: the next pass applies to what it sees.
    return End(pass, {.code = ErrorCode::kConflict, .message = "it exists already"});
  }
  pass->done(Fail(ErrorCode::kAlreadyExists,
                  fmt::format("{} {} exists and is not owned by {}", action.type.kind,
                              ToString(action.key), OwnerText(action))));
}

void Executor::OnUnknown(const PassPtr& pass, const Error& cause) {
  const Action& action = pass->action();
  ambiguous_writes_.Add();
  tracker_.RecordUnknown(pass->key, action.type, action.key);
  LookUp({.type = action.type, .key = action.key},
         [this, pass, cause](const Result<std::optional<ObjectMeta>>& live) {
           if (!live) return End(pass, WithContext("outcome unknown", cause));  // stays unknown
           JudgeUnknown(pass, *live, cause);
         });
}

void Executor::JudgeUnknown(const PassPtr& pass, const std::optional<ObjectMeta>& live,
                            const Error& cause) {
  const Action& action = pass->action();
  tracker_.RecordLookedUp(pass->key, action.type, action.key, live ? live->resource_version : "");
  if (action.verb == Action::Verb::kCreate && live) return JudgeExisting(pass, *live);
  const bool gone = !live || live->uid != action.expect_uid || live->deletion_time;
  if (action.verb == Action::Verb::kDelete && gone) {
    tracker_.RecordDelete(pass->key, action.type, action.key, action.expect_uid);
    return Proceed(pass);
  }
  // Not carried out, or still about to be. The next pass sees at least what was looked up here.
  End(pass, {.code = ErrorCode::kUnavailable, .message = "outcome unknown: " + cause.message});
}

void Executor::LookUp(const ConsistencyTracker::Target& target, OnLive done) {
  client_.Get(target.type, target.key,
              lifeline_.Guard([done = std::move(done)](Result<std::string> text) {
                if (!text && text.error().code == ErrorCode::kNotFound) return done(std::nullopt);
                if (!text) return done(unexpected<Error>(std::move(text.error())));
                PaddedBuffer buffer;
                Result<ObjectMeta> meta = ReadObjectMeta(buffer.Adopt(std::move(*text)));
                if (!meta) return done(unexpected<Error>(std::move(meta.error())));
                done(std::move(*meta));
              }));
}

void Executor::LookUpUnknown(const ObjectKey& key, Done done) {
  LookUpAll(key, tracker_.UnknownWrites(key), std::move(done));
}

void Executor::LookUpAll(const ObjectKey& key, std::vector<ConsistencyTracker::Target> left,
                         Done done) {
  if (left.empty()) return done({});
  const ConsistencyTracker::Target target = std::move(left.back());
  left.pop_back();
  LookUp(target, [this, key, target, left = std::move(left),
                  done = std::move(done)](Result<std::optional<ObjectMeta>> live) {
    if (!live) {
      return done(unexpected<Error>(WithContext(
          fmt::format("look up {} {}", target.type.kind, ToString(target.key)), live.error())));
    }
    tracker_.RecordLookedUp(key, target.type, target.key, *live ? (*live)->resource_version : "");
    LookUpAll(key, left, done);
  });
}

}  // namespace ffdl::k8s
