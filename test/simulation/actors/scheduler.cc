#include "test/simulation/actors/scheduler.h"

#include <fmt/format.h>

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;

constexpr int kNodes = 4;

Json Condition(const char* status) { return {{"type", "PodScheduled"}, {"status", status}}; }

}  // namespace

Scheduler::Scheduler(Stage& stage, std::chrono::seconds capacity_missing)
    : role_(stage, "scheduler"), capacity_missing_(capacity_missing) {
  stage.api.OnCommit([this](const Commit& commit) { OnCommit(commit); });
}

void Scheduler::OnCommit(const Commit& commit) {
  if (&commit.kind != &kPods || commit.before) return;
  const k8s::ObjectKey key = commit.after->key;
  const std::string uid = commit.after->uid;
  if (capacity_missing_ == 0s) {
    role_.Within(5ms, 200ms, [this, key, uid] { Bind(key, uid); });
    return;
  }
  role_.Within(5ms, 200ms, [this, key, uid] { SayWhyNot(key, uid); });
  role_.Within(capacity_missing_, capacity_missing_ + 2s, [this, key, uid] { Bind(key, uid); });
}

void Scheduler::SayWhyNot(const k8s::ObjectKey& key, const std::string& uid) {
  if (!role_.Find(kPods, key, uid)) return;
  Json condition = Condition("False");
  condition["reason"] = "Unschedulable";
  condition["message"] =
      "0/4 nodes are available: 4 Insufficient nvidia.com/gpu. preemption: 0/4 nodes are "
      "available: 4 No preemption victims found for incoming pod.";
  role_.PatchStatus(kPods, key, {{"conditions", Json::array({condition})}});
}

void Scheduler::Bind(const k8s::ObjectKey& key, const std::string& uid) {
  const StoredPtr pod = role_.Find(kPods, key, uid);
  if (!pod || IsBeingDeleted(pod->object)) return;
  int number = OrdinalOf(key.name) % kNodes;
  while (gone_.contains(fmt::format("node-{}", number))) number = (number + 1) % kNodes;
  role_.Patch(kPods, key, {{"spec", {{"nodeName", fmt::format("node-{}", number)}}}});
  role_.PatchStatus(kPods, key, {{"conditions", Json::array({Condition("True")})}});
}

}  // namespace ffdl::simulation
