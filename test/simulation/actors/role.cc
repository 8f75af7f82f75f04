#include "test/simulation/actors/role.h"

#include <utility>

namespace ffdl::simulation {

StoredPtr Role::Find(const Kind& kind, const k8s::ObjectKey& key, const std::string& uid) const {
  StoredPtr found = Find(kind, key);
  return found && found->uid == uid ? found : nullptr;
}

void Role::Within(std::chrono::milliseconds lowest, std::chrono::milliseconds highest,
                  std::function<void()> work) {
  stage_.loop.After(stage_.random.Between(lowest, highest), std::move(work));
}

Answer Role::Told(std::string_view verb, const Kind& kind, const k8s::ObjectKey& key,
                  Answer answer) {
  stage_.trace.Line(writer_.name, "{} {} {}: {}", verb, kind.name, k8s::ToString(key),
                    answer.status);
  return answer;
}

Answer Role::Create(const Kind& kind, const Json& body) {
  const Json& metadata = body.at("metadata");
  return Told("create", kind, {.ns = metadata.value("namespace", ""), .name = metadata["name"]},
              stage_.api.Create(writer_, kind, body));
}

Answer Role::Patch(const Kind& kind, const k8s::ObjectKey& key, const Json& patch) {
  return Told("patch", kind, key, stage_.api.MergePatch(writer_, kind, key, patch, false));
}

Answer Role::PatchStatus(const Kind& kind, const k8s::ObjectKey& key, const Json& status) {
  return Told("patch status of", kind, key,
              stage_.api.MergePatch(writer_, kind, key, {{"status", status}}, true));
}

Answer Role::Delete(const Kind& kind, const k8s::ObjectKey& key, const DeleteOptions& options) {
  return Told("delete", kind, key, stage_.api.Delete(writer_, kind, key, options));
}

std::string ControllerUid(const Json& object) {
  const auto owners = object.at("metadata").find("ownerReferences");
  if (owners == object.at("metadata").end()) return "";
  for (const Json& owner : *owners) {
    if (owner.value("controller", false)) return owner.value("uid", "");
  }
  return "";
}

bool IsBeingDeleted(const Json& object) {
  return object.at("metadata").contains("deletionTimestamp");
}

int OrdinalOf(const std::string& pod) { return std::stoi(pod.substr(pod.rfind('-') + 1)); }

}  // namespace ffdl::simulation
