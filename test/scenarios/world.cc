#include "test/scenarios/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "crds/v1/json.h"
#include "crds/v1/names.h"
#include "crds/v1/roles.h"
#include "reconcilers/training_job/learner.h"
#include "reconcilers/training_job/plan.h"

namespace ffdl::scenario {
namespace {

using nlohmann::json;

constexpr int kPassesMax = 60;
// The operator is given the time that it asks for, but for deadlines, which are the story's to
// tell.
constexpr std::chrono::seconds kWaitMax{5};

const training_job::Settings kSettings{.agent_image = "localhost/ffdl:test"};

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

void World::CreateJob(json spec) {
  const std::string version = NextVersion();
  job_ = {{"apiVersion", "ffdl.io/v1"},
          {"kind", "TrainingJob"},
          {"metadata",
           {{"name", "mnist"},
            {"namespace", "ml"},
            {"uid", "job-" + version},
            {"generation", 1},
            {"resourceVersion", version},
            {"creationTimestamp", k8s::FormatTime(now_)}}},
          {"spec", std::move(spec)},
          {"status", {{"observedGeneration", -1}}}};
}

void World::PatchSpec(const json& merge_patch) {
  job_["spec"].merge_patch(merge_patch);
  job_["metadata"]["generation"] = job_["metadata"]["generation"].get<std::int64_t>() + 1;
  job_["metadata"]["resourceVersion"] = NextVersion();
  observed_.refusal.reset();
}

// The garbage collector takes everything that the job owns.
void World::DeleteJob() {
  job_ = nullptr;
  observed_ = {};
  secrets_.clear();
}

v1::TrainingJob World::Job() const {
  auto job = v1::ParseTrainingJob(job_.dump());
  if (!job) throw std::runtime_error(job.error().message);
  return *job;
}

bool World::Settle() {
  for (int pass = 0; pass < kPassesMax; ++pass) {
    if (job_.is_null()) return true;
    const k8s::Plan plan = training_job::Decide(Job(), observed_, kSettings, now_);
    if (plan.empty()) {
      if (plan.look_again_after.value_or(kWaitMax) >= kWaitMax) return true;
      now_ += std::chrono::ceil<std::chrono::seconds>(*plan.look_again_after);
      continue;
    }
    bool failed = false;
    for (const k8s::Action& action : plan.actions) {
      // What the server answers by saying that the name is taken is no write.
      const bool taken = secrets_.contains(action.key.name);
      failed = Carry(action).has_value();
      if (failed || (operator_ == Operator::kDiesAfterEachWrite && !taken)) break;
    }
    if (!failed && (operator_ == Operator::kLives || plan.actions.empty())) {
      if (plan.status) CarryOut(*plan.status);
      for (const k8s::PendingEvent& event : plan.events) events_.push_back(event);
    }
    RunStatefulSets();
  }
  return false;
}

std::optional<k8s::Error> World::Carry(const k8s::Action& action) {
  if (refuse_ && refuse_->first == action.type.kind) {
    observed_.refusal = std::exchange(refuse_, std::nullopt)->second;
    return observed_.refusal;
  }
  if (foreign_service_ && action.type == k8s::kServiceType) {
    observed_.refusal = k8s::Error{k8s::ErrorCode::kAlreadyExists,
                                   "Service ml/mnist-learner exists and is not owned by this job"};
    return observed_.refusal;
  }
  CarryOut(action);
  return std::nullopt;
}

k8s::ObjectMeta World::MetaOf(const json& body) {
  const json& metadata = body["metadata"];
  return {.key = {.ns = metadata["namespace"], .name = metadata["name"]},
          .uid = "uid-" + NextVersion(),
          .labels = metadata["labels"].get<k8s::Labels>(),
          .owners = {{"ffdl.io/v1", "TrainingJob", "mnist",
                      metadata["ownerReferences"][0]["uid"].get<std::string>(), true}}};
}

k8s::Service World::ServiceOf(const json& body) {
  return {.meta = MetaOf(body),
          .selector = body["spec"]["selector"].get<k8s::Labels>(),
          .publishes_not_ready = body["spec"]["publishNotReadyAddresses"]};
}

// Null for other types.
std::optional<k8s::Policy>* World::GuardOf(const k8s::ResourceType& type) {
  if (type == k8s::kNetworkPolicyType) return &observed_.network_policy;
  if (type == k8s::kDisruptionBudgetType) return &observed_.disruption_budget;
  return nullptr;
}

void World::CarryOut(const k8s::Action& action) {
  switch (action.verb) {
    case k8s::Action::Verb::kCreate:
      if (action.type == k8s::kServiceType) {
        EXPECT_FALSE(observed_.service) << "a Service was created twice";
        observed_.service = ServiceOf(action.body);
      } else if (action.type == k8s::kSecretType) {
        EXPECT_TRUE(action.blind) << "a Secret would be read";
        secrets_.insert(action.key.name);
      } else if (std::optional<k8s::Policy>* const guard = GuardOf(action.type)) {
        EXPECT_FALSE(*guard) << "a guard was created twice";
        *guard = k8s::Policy{MetaOf(action.body), action.body["spec"]};
      } else {
        EXPECT_FALSE(observed_.shared_claim) << "a claim was created twice";
        observed_.shared_claim = k8s::Claim{MetaOf(action.body), "Bound"};
      }
      return;
    case k8s::Action::Verb::kApply:
      if (action.type == k8s::kServiceType) {
        observed_.service = ServiceOf(action.body);
      } else if (std::optional<k8s::Policy>* const guard = GuardOf(action.type)) {
        (*guard)->spec = action.body["spec"];
      } else {
        ApplyLearners(action.body);
      }
      return;
    case k8s::Action::Verb::kApplyStatus:
      EXPECT_EQ(job_["metadata"]["resourceVersion"], action.body["metadata"]["resourceVersion"]);
      EXPECT_NE(job_["status"], action.body["status"]) << "a status write that changes nothing";
      job_["status"] = action.body["status"];
      job_["metadata"]["resourceVersion"] = NextVersion();
      ++status_writes_;
      return;
    case k8s::Action::Verb::kDelete:
      if (action.type == v1::kTrainingJobType) {
        EXPECT_EQ(job_["metadata"]["uid"], action.expect_uid);
        EXPECT_EQ(job_["metadata"]["resourceVersion"], action.expect_resource_version);
        return DeleteJob();
      }
      if (std::optional<k8s::Policy>* const guard = GuardOf(action.type)) {
        EXPECT_EQ((*guard)->meta.uid, action.expect_uid);
        return guard->reset();
      }
      std::erase_if(observed_.pods, [&](const k8s::Pod& pod) {
        return pod.meta.key == action.key && pod.meta.uid == action.expect_uid;
      });
      return;
  }
}

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
  template_ = body["spec"]["template"];
  set.replicas = body["spec"]["replicas"];
  set.template_labels = template_["metadata"]["labels"].get<k8s::Labels>();
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
    observed_.pods.push_back(pod);
    ++pods_made_[pod.meta.key.name];
  }
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
}

void World::RefuseNext(std::string kind, k8s::Error error) {
  refuse_ = {std::move(kind), std::move(error)};
}

void World::EditService() { observed_.service.value().selector = {{"app", "mine"}}; }

void World::EditGuards() {
  for (auto* const guard : {&observed_.network_policy, &observed_.disruption_budget}) {
    if (*guard) (*guard)->spec = {{"podSelector", nlohmann::json::object()}};
  }
}

void World::CreateForeignService() { foreign_service_ = true; }

std::vector<std::string> World::ObjectNames() const {
  std::vector<std::string> names;
  if (observed_.service) names.push_back("Service/" + observed_.service->meta.key.name);
  if (observed_.shared_claim) {
    names.push_back("PersistentVolumeClaim/" + observed_.shared_claim->meta.key.name);
  }
  for (const auto* const guard : {&observed_.network_policy, &observed_.disruption_budget}) {
    if (!*guard) continue;
    const bool is_policy = guard == &observed_.network_policy;
    names.push_back((is_policy ? "NetworkPolicy/" : "PodDisruptionBudget/") +
                    (*guard)->meta.key.name);
  }
  for (const std::string& secret : secrets_) names.push_back("Secret/" + secret);
  for (const auto& set : observed_.learner_sets) {
    if (set) names.push_back("StatefulSet/" + set->meta.key.name);
  }
  for (const k8s::Pod& pod : observed_.pods) names.push_back("Pod/" + pod.meta.key.name);
  return names;
}

}  // namespace ffdl::scenario
