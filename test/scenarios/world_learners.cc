// The StatefulSet controller, the scheduler and the kubelets of a World.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "crds/v1/names.h"
#include "crds/v1/roles.h"
#include "test/scenarios/world.h"

namespace ffdl::scenario {
namespace {

using nlohmann::json;

k8s::ContainerStatus& LearnerContainer(k8s::Pod& pod) { return pod.containers.front(); }

k8s::Pod NewPod(const k8s::StatefulSet& set, int ordinal, std::string uid, k8s::Time now) {
  k8s::Pod pod;
  pod.meta.key = {.ns = set.meta.key.ns, .name = set.meta.key.name + "-" + std::to_string(ordinal)};
  pod.meta.uid = std::move(uid);
  pod.meta.labels = set.template_labels;
  pod.meta.creation_time = now;
  pod.meta.owners = {{"apps/v1", "StatefulSet", set.meta.key.name, set.meta.uid, true}};
  pod.phase = "Pending";
  pod.containers = {{.name = "learner", .waiting_reason = "PodInitializing"}};
  pod.init_containers = {{.name = "setup", .waiting_reason = "PodInitializing"}};
  return pod;
}

}  // namespace

void World::ApplyLearners(const json& body) {
  const v1::TrainingJob job = Job();
  const v1::Roles roles(job.spec);
  const auto* const role = std::ranges::find_if(roles, [&](const v1::RoleView& one) {
    return v1::RoleSetName("mnist", one.name) == body["metadata"]["name"];
  });
  ASSERT_NE(roles.end(), role) << "a StatefulSet of no role: " << body["metadata"];
  auto& slot = observed_.learner_sets[role->index];
  if (!slot) slot = k8s::StatefulSet{.meta = MetaOf(body)};
  k8s::StatefulSet& set = *slot;
  set.meta.annotations = body["metadata"]["annotations"].get<k8s::Labels>();
  if (std::exchange(set_specs_[role->index], body["spec"]) != body["spec"]) ++set.meta.generation;
  set.replicas = body["spec"]["replicas"];
  set.template_labels = body["spec"]["template"]["metadata"]["labels"].get<k8s::Labels>();
}

void World::RunStatefulSets() {
  for (const auto& set : observed_.learner_sets) {
    if (set) RunStatefulSet(*set);
  }
}

void World::RunStatefulSet(const k8s::StatefulSet& set) {
  std::erase_if(observed_.pods, [&](const k8s::Pod& pod) {
    return pod.meta.owners.front().uid == set.meta.uid &&
           std::stoi(pod.meta.key.name.substr(pod.meta.key.name.rfind('-') + 1)) >= set.replicas;
  });
  for (int ordinal = 0; ordinal < set.replicas; ++ordinal) {
    const k8s::Pod pod = NewPod(set, ordinal, "uid-" + NextVersion(), now_);
    const bool there = std::ranges::any_of(
        observed_.pods, [&](const k8s::Pod& other) { return other.meta.key == pod.meta.key; });
    if (there) continue;
    if (Job().spec.storage.per_learner) MakeClaim(set, pod.meta.key.name);
    observed_.pods.push_back(pod);
    ++pods_made_[pod.meta.key.name];
  }
}

void World::MakeClaim(const k8s::StatefulSet& set, const std::string& pod) {
  const k8s::ObjectKey key{.ns = set.meta.key.ns, .name = v1::LearnerClaimName(pod)};
  const bool there = std::ranges::any_of(
      learner_claims_, [&](const k8s::Claim& claim) { return claim.meta.key == key; });
  if (there) return;
  k8s::Claim& claim = learner_claims_.emplace_back();
  claim.meta = {.key = key,
                .uid = "uid-" + NextVersion(),
                .owners = {{"apps/v1", "StatefulSet", set.meta.key.name, set.meta.uid, true}}};
}

std::string World::PodNameOf(std::int32_t learner) const {
  const v1::TrainingJob job = Job();
  const v1::Roles roles(job.spec);
  const v1::RoleView& role = roles.Of(learner);
  return v1::RoleSetName("mnist", role.name) + "-" + std::to_string(learner - role.before - 1);
}

int World::PodsMadeOf(std::int32_t learner) const {
  const auto it = pods_made_.find(PodNameOf(learner));
  return it == pods_made_.end() ? 0 : it->second;
}

k8s::Pod& World::PodOf(std::int32_t learner) {
  const std::string name = PodNameOf(learner);
  const auto it = std::ranges::find_if(
      observed_.pods, [&](const k8s::Pod& pod) { return pod.meta.key.name == name; });
  if (it == observed_.pods.end()) throw std::runtime_error("no pod " + name);
  return *it;
}

void World::Start(std::int32_t learner) {
  k8s::Pod& pod = PodOf(learner);
  pod.node = "node" + std::to_string(learner);
  pod.phase = "Running";
  pod.unscheduled_reason.clear();
  pod.unscheduled_message.clear();
  pod.init_containers = {{.name = "setup", .terminated = k8s::ContainerEnd{.reason = "Completed"}}};
  pod.containers = {{.name = "learner", .running = true, .ready = true, .started_at = now_}};
}

void World::Exit(std::int32_t learner, const k8s::ContainerEnd& end) {
  k8s::ContainerStatus& container = LearnerContainer(PodOf(learner));
  container.running = false;
  container.ready = false;
  container.terminated = end;
  container.terminated->finished_at = now_;
}

void World::RestartContainer(std::int32_t learner) {
  k8s::ContainerStatus& container = LearnerContainer(PodOf(learner));
  container.last_terminated = std::exchange(container.terminated, std::nullopt);
  container.running = true;
  container.ready = true;
  container.started_at = now_;
}

void World::RemovePod(std::int32_t learner) {
  const k8s::ObjectKey key = PodOf(learner).meta.key;
  std::erase_if(observed_.pods, [&](const k8s::Pod& pod) { return pod.meta.key == key; });
  RunStatefulSets();
}

void World::DeleteLearnerSets() {
  observed_.learner_sets = {};
  observed_.pods.clear();
  set_specs_ = {};
  learner_claims_.clear();
}

}  // namespace ffdl::scenario
