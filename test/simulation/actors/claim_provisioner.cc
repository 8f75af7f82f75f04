#include "test/simulation/actors/claim_provisioner.h"

#include <algorithm>

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;

bool Uses(const Json& pod, const std::string& claim) {
  return std::ranges::any_of(pod.at("spec").at("volumes"), [&](const Json& volume) {
    const auto used = volume.find("persistentVolumeClaim");
    return used != volume.end() && used->at("claimName") == claim;
  });
}

}  // namespace

ClaimProvisioner::ClaimProvisioner(Stage& stage) : role_(stage, "claim-provisioner") {
  stage.api.OnCommit([this](const Commit& commit) { OnCommit(commit); });
}

void ClaimProvisioner::OnCommit(const Commit& commit) {
  if (&commit.kind == &kClaims && commit.after) {
    const k8s::ObjectKey key = commit.after->key;
    const std::string uid = commit.after->uid;
    if (!commit.before) role_.Within(20ms, 500ms, [this, key, uid] { Bind(key, uid); });
    if (IsBeingDeleted(commit.after->object)) {
      role_.Within(20ms, 500ms, [this, key, uid] { MaybeLetGo(key, uid); });
    }
  }
  if (&commit.kind == &kPods && !commit.after) {
    for (const auto& [key, claim] : role_.stage().api.log().All(kClaims)) {
      if (!IsBeingDeleted(claim->object)) continue;
      role_.Within(20ms, 500ms, [this, key = key, uid = claim->uid] { MaybeLetGo(key, uid); });
    }
  }
}

void ClaimProvisioner::Bind(const k8s::ObjectKey& key, const std::string& uid) {
  if (role_.Find(kClaims, key, uid)) role_.PatchStatus(kClaims, key, {{"phase", "Bound"}});
}

void ClaimProvisioner::MaybeLetGo(const k8s::ObjectKey& key, const std::string& uid) {
  if (!role_.Find(kClaims, key, uid)) return;
  const bool used = std::ranges::any_of(role_.stage().api.log().All(kPods), [&](const auto& entry) {
    return entry.first.ns == key.ns && Uses(entry.second->object, key.name);
  });
  if (!used) role_.Patch(kClaims, key, {{"metadata", {{"finalizers", nullptr}}}});
}

}  // namespace ffdl::simulation
