#include "test/simulation/actors/garbage_collector.h"

#include <algorithm>

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;

bool Lives(const ObjectLog& log, const std::string& uid) {
  return std::ranges::any_of(AllKinds(), [&](const Kind* kind) {
    return std::ranges::any_of(log.All(*kind),
                               [&](const auto& entry) { return entry.second->uid == uid; });
  });
}

bool IsOwnedBy(const Json& object, const std::string& uid) {
  const auto owners = object.at("metadata").find("ownerReferences");
  return owners != object.at("metadata").end() &&
         std::ranges::any_of(*owners,
                             [&](const Json& owner) { return owner.value("uid", "") == uid; });
}

bool IsOrphan(const ObjectLog& log, const Json& object) {
  const auto owners = object.at("metadata").find("ownerReferences");
  return owners != object.at("metadata").end() && !owners->empty() &&
         std::ranges::none_of(
             *owners, [&](const Json& owner) { return Lives(log, owner.value("uid", "")); });
}

}  // namespace

GarbageCollector::GarbageCollector(Stage& stage) : role_(stage, "garbage-collector") {
  stage.api.OnCommit([this](const Commit& commit) { OnCommit(commit); });
}

void GarbageCollector::OnCommit(const Commit& commit) {
  if (&commit.kind == &kLeases || &commit.kind == &kEvents) return;
  if (!commit.before) {  // an owner may be gone before its child is there
    const StoredPtr& object = commit.after;
    if (!object->object.at("metadata").contains("ownerReferences")) return;
    role_.Within(100ms, 3s,
                 [this, &kind = commit.kind, object] { Collect(kind, object->key, object->uid); });
  }
  if (commit.after) return;
  for (const Kind* const kind : AllKinds()) {
    for (const auto& [key, object] : role_.stage().api.log().All(*kind)) {
      if (!IsOwnedBy(object->object, commit.before->uid)) continue;
      role_.Within(100ms, 3s,
                   [this, kind, key = key, uid = object->uid] { Collect(*kind, key, uid); });
    }
  }
}

void GarbageCollector::Collect(const Kind& kind, const k8s::ObjectKey& key,
                               const std::string& uid) {
  const StoredPtr object = role_.Find(kind, key, uid);
  if (!object || IsBeingDeleted(object->object)) return;
  if (!IsOrphan(role_.stage().api.log(), object->object)) return;
  role_.Delete(kind, key, {.uid = uid});
}

}  // namespace ffdl::simulation
