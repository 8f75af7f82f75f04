#include "test/simulation/server/api_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "test/simulation/server/apply.h"

namespace ffdl::simulation {
namespace {

std::string TextAt(const Json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

// The main resource's writers cannot reach the status, and the status' writers nothing else.
void KeepOtherHalf(const Kind& kind, bool status, const Json& live, Json& next) {
  if (!kind.has_status) return;
  if (status) {
    Json whole = live;
    if (next.contains("status")) whole["status"] = std::move(next["status"]);
    next = std::move(whole);
  } else if (live.contains("status")) {
    next["status"] = live["status"];
  } else {
    next.erase("status");
  }
}

// Of a body that names the version it was made from.
bool IsOutdated(const Stored& live, const Json& body) {
  const std::string version = TextAt(body["metadata"], "resourceVersion");
  return !version.empty() && version != std::to_string(live.version);
}

std::string ConflictText(const std::vector<Conflict>& conflicts) {
  if (conflicts.size() == 1) {
    return fmt::format("Apply failed with 1 conflict: conflict with \"{}\": {}",
                       conflicts.front().manager, conflicts.front().field.Text());
  }
  std::string text = fmt::format("Apply failed with {} conflicts:", conflicts.size());
  std::string_view manager;
  for (const Conflict& conflict : conflicts) {
    if (manager != conflict.manager) {
      text +=
          fmt::format("{}conflicts with \"{}\":", manager.empty() ? ' ' : '\n', conflict.manager);
    }
    manager = conflict.manager;
    text += "\n- " + conflict.field.Text();
  }
  return text;
}

bool EndsAtOnce(const Kind& kind, const Json& object, const DeleteOptions& options) {
  if (&kind != &kPods) return true;
  // The strategy of pods: nobody waits for one that runs nowhere.
  const std::string phase = TextAt(object.value("status", Json::object()), "phase");
  return TextAt(object["spec"], "nodeName").empty() || phase == "Failed" || phase == "Succeeded" ||
         options.grace_seconds == 0;
}

}  // namespace

void ApiServer::Tell(const Commit& commit) const {
  for (const auto& observer : observers_) observer(commit);
}

Answer ApiServer::Get(const Kind& kind, const k8s::ObjectKey& key) const {
  const StoredPtr live = log_.Find(kind, key);
  if (!live) return NotFound(kind, key.name);
  return {.body = live->Text()};
}

void ApiServer::Complete(const Kind& kind, Json& object) {
  Json& metadata = object["metadata"];
  metadata["uid"] = fmt::format("uid-{}", ++last_uid_);
  metadata["creationTimestamp"] = k8s::FormatTime(clock_.Now());
  metadata.erase("resourceVersion");
  if (kind.has_generation) metadata["generation"] = 1;
  if (kind.has_status) object.erase("status");
  SetDefaults(kind, object);
}

Answer ApiServer::Create(const Writer& writer, const Kind& kind, Json body) {
  const Json& metadata = body["metadata"];
  const k8s::ObjectKey key{.ns = TextAt(metadata, "namespace"), .name = TextAt(metadata, "name")};
  if (log_.Find(kind, key)) return AlreadyExists(kind, key.name);
  if (admission_) {
    if (auto refusal = admission_(kind, body)) return *refusal;
  }
  FieldOwners owners;
  if (&kind != &kPods && &kind != &kEvents) owners[writer.manager] = FieldsOf(body);
  Complete(kind, body);
  Answer answer = Store(writer, kind, "create", nullptr, std::move(body), std::move(owners));
  answer.status = 201;
  return answer;
}

Answer ApiServer::Store(const Writer& writer, const Kind& kind, std::string_view verb,
                        const StoredPtr& before, Json object, FieldOwners owners) {
  if (before) {
    if (object == before->object && owners == before->owners) return {.body = before->Text()};
    if (kind.has_generation && object["spec"] != before->object["spec"]) {
      object["metadata"]["generation"] = before->object["metadata"]["generation"].get<int>() + 1;
    }
    const Json& metadata = object["metadata"];
    const bool held = metadata.contains("finalizers") && !metadata["finalizers"].empty();
    if (metadata.contains("deletionTimestamp") && !held && &kind != &kPods) {
      log_.Remove(kind, before->key);
      Tell({.kind = kind, .writer = writer, .verb = verb, .before = before, .after = nullptr});
      return {.body = before->Text(), .changed = true};
    }
  }
  const StoredPtr after = log_.Put(kind, std::move(object), std::move(owners));
  Tell({.kind = kind, .writer = writer, .verb = verb, .before = before, .after = after});
  return {.body = after->Text(), .changed = true};
}

Answer ApiServer::Apply(const Writer& writer, const Kind& kind, const k8s::ObjectKey& key,
                        const Json& body, const ApplyOptions& options) {
  const StoredPtr live = log_.Find(kind, key);
  const std::string uid = TextAt(body["metadata"], "uid");
  if (live) {
    if (!uid.empty() && uid != live->uid) {
      return Refuse(422, "Invalid",
                    fmt::format("{} \"{}\" is invalid: metadata.uid: Invalid value: \"{}\": field "
                                "is immutable",
                                kind.plural, key.name, uid));
    }
    return ApplyToExisting(writer, kind, live, body, options);
  }
  if (options.status) return NotFound(kind, key.name);
  if (!uid.empty()) {
    return ConflictOf(kind, key.name,
                      fmt::format("uid mismatch: the provided object specified uid {}, and no "
                                  "existing object was found",
                                  uid));
  }
  Json created = body;
  created["metadata"]["namespace"] = key.ns;
  created["metadata"]["name"] = key.name;
  return Create(writer, kind, std::move(created));
}

Answer ApiServer::ApplyToExisting(const Writer& writer, const Kind& kind, const StoredPtr& live,
                                  Json body, const ApplyOptions& options) {
  if (IsOutdated(*live, body)) return VersionConflict(kind, live->key.name);
  if (options.status) {
    body = Json{{"status", body.value("status", Json::object())}};
  } else if (kind.has_status) {
    body.erase("status");
  }
  simulation::Applied applied =
      simulation::Apply(live->object, live->owners, body, writer.manager, options.force);
  if (!applied.conflicts.empty()) {
    return Refuse(409, "Conflict", ConflictText(applied.conflicts));
  }
  return Store(writer, kind, options.status ? "apply status" : "apply", live,
               std::move(applied.object), std::move(applied.owners));
}

Answer ApiServer::MergePatch(const Writer& writer, const Kind& kind, const k8s::ObjectKey& key,
                             const Json& patch, bool status) {
  const StoredPtr live = log_.Find(kind, key);
  if (!live) return NotFound(kind, key.name);
  if (patch.contains("metadata") && IsOutdated(*live, patch)) {
    return VersionConflict(kind, key.name);
  }
  Json next = live->object;
  next.merge_patch(patch);
  next["metadata"]["resourceVersion"] = std::to_string(live->version);
  KeepOtherHalf(kind, status, live->object, next);
  return Store(writer, kind, status ? "patch status" : "patch", live, std::move(next),
               live->owners);
}

Answer ApiServer::Replace(const Writer& writer, const Kind& kind, const k8s::ObjectKey& key,
                          Json body) {
  const StoredPtr live = log_.Find(kind, key);
  if (!live) return NotFound(kind, key.name);
  if (IsOutdated(*live, body)) return VersionConflict(kind, key.name);
  for (const char* kept : {"uid", "creationTimestamp", "resourceVersion"}) {
    body["metadata"][kept] = live->object["metadata"][kept];
  }
  KeepOtherHalf(kind, /*status=*/false, live->object, body);
  return Store(writer, kind, "replace", live, std::move(body), live->owners);
}

Answer ApiServer::Delete(const Writer& writer, const Kind& kind, const k8s::ObjectKey& key,
                         const DeleteOptions& options) {
  const StoredPtr live = log_.Find(kind, key);
  if (!live) return NotFound(kind, key.name);
  if (!options.uid.empty() && options.uid != live->uid) {
    return ConflictOf(kind, key.name,
                      fmt::format("the UID in the precondition ({}) does not match the UID in "
                                  "record ({}). The object might have been deleted and then "
                                  "recreated",
                                  options.uid, live->uid));
  }
  if (!options.resource_version.empty() &&
      options.resource_version != std::to_string(live->version)) {
    return ConflictOf(kind, key.name,
                      fmt::format("the ResourceVersion in the precondition ({}) does not match the "
                                  "ResourceVersion in record ({}). The object might have been "
                                  "modified",
                                  options.resource_version, live->version));
  }
  const Json& metadata = live->object["metadata"];
  const bool held = metadata.contains("finalizers") && !metadata["finalizers"].empty();
  if (!held && EndsAtOnce(kind, live->object, options)) {
    log_.Remove(kind, key);
    Tell({.kind = kind, .writer = writer, .verb = "delete", .before = live, .after = nullptr});
    const Json done{{"kind", "Status"},
                    {"apiVersion", "v1"},
                    {"metadata", Json::object()},
                    {"status", "Success"},
                    {"details", {{"name", key.name}, {"kind", kind.plural}, {"uid", live->uid}}}};
    return {.body = done.dump(), .changed = true};
  }
  if (metadata.contains("deletionTimestamp")) return {.body = live->Text()};
  Json next = live->object;
  next["metadata"]["deletionTimestamp"] = k8s::FormatTime(clock_.Now());
  return Store(writer, kind, "delete", live, std::move(next), live->owners);
}

}  // namespace ffdl::simulation
