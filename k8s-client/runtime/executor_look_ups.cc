#include <fmt/format.h>

#include <utility>

#include "k8s-client/informer/readers.h"
#include "k8s-client/runtime/executor.h"
#include "k8s-client/runtime/executor_pass.h"

namespace ffdl::k8s {
namespace {

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

// Makes the write depend on the object's being exactly that, unless the plan was made from another
// version and says so.
void Expect(Action& action, const ObjectVersion& version) {
  if (action.verb == Action::Verb::kDelete) {
    if (!action.expect_resource_version.empty()) return;
    action.expect_resource_version = version.resource_version;
  } else {
    nlohmann::json& metadata = action.body["metadata"];
    if (!metadata.contains("uid")) metadata["uid"] = version.uid;
    if (!metadata.contains("resourceVersion")) {
      metadata["resourceVersion"] = version.resource_version;
    }
  }
}

}  // namespace

void Executor::LookAtOwner(const PassPtr& pass) {
  const Action::Owner owner = *pass->action().expect_owner;
  LookUp({.type = owner.type, .key = owner.key},
         [this, pass, owner](Result<std::optional<ObjectMeta>> live) {
           if (!live) return End(pass, WithContext("look at the owner", std::move(live.error())));
           if (*live && (*live)->uid == owner.uid && !(*live)->deletion_time) {
             pass->action().expect_owner.reset();
             return Write(pass);
           }
           tracker_.RecordDelete(pass->key, owner.type, owner.key, owner.uid);
           End(pass, {.code = ErrorCode::kConflict, .message = "not sent: its owner is gone"});
         });
}

void Executor::LookThenWrite(const PassPtr& pass) {
  looks_.Add();
  const Action& action = pass->action();
  LookUp({.type = action.type, .key = action.key},
         [this, pass](Result<std::optional<ObjectMeta>> live) {
           if (!live) return End(pass, WithContext("look first", std::move(live.error())));
           JudgeTarget(pass, *live);
         });
}

void Executor::JudgeTarget(const PassPtr& pass, const std::optional<ObjectMeta>& live) {
  Action& action = pass->action();
  if (!live && action.verb == Action::Verb::kDelete) return Gone(pass);
  const ObjectVersion now =
      live ? ObjectVersion{live->uid, live->resource_version} : ObjectVersion{};
  CacheView* const cache = tracker_.CacheOf(action.type);
  const bool as_seen = live && (cache == nullptr || cache->VersionOf(action.key) == now);
  if (!as_seen) {
    tracker_.RecordWrite(pass->key, action.type, now.resource_version);
    if (cache != nullptr) cache->RequestRefill();
    return End(pass, {.code = ErrorCode::kConflict,
                      .message = "not sent: it is not as the cache shows it"});
  }
  Expect(action, now);
  Send(pass);
}

void Executor::JudgeExisting(const PassPtr& pass, const ObjectMeta& live) {
  Action& action = pass->action();
  if (IsOurs(live, action)) {
    if (!IsSeen(action.type, live.labels)) {  // somebody took away what our watch selects by
      action.verb = Action::Verb::kApply;
      action.body["metadata"]["uid"] = live.uid;
      return Send(pass);
    }
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
  if (action.blind) {
    return End(pass,
               {.code = ErrorCode::kUnavailable, .message = "outcome unknown: " + cause.message});
  }
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
  if (action.verb == Action::Verb::kDelete && gone) return Gone(pass);
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
