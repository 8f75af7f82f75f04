#include "test/scenarios/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "crds/v1/json.h"
#include "crds/v1/names.h"
#include "reconcilers/training_job/claims.h"
#include "reconcilers/training_job/plan.h"

namespace ffdl::scenario {
namespace {

using nlohmann::json;

constexpr int kPassesMax = 60;
// The operator is given the time that it asks for, but for deadlines, which are the story's to
// tell.
constexpr std::chrono::seconds kWaitMax{5};

const training_job::Settings kSettings{.agent_image = "localhost/ffdl:test"};

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
  set_specs_ = {};
  learner_claims_.clear();
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
    const v1::TrainingJob job = Job();
    observed_.learner_claims.clear();
    if (training_job::AsksToDeleteLearnerClaims(job)) observed_.learner_claims = learner_claims_;
    const k8s::Plan plan = training_job::Decide(job, observed_, kSettings, now_);
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
      return Delete(action);
  }
}

void World::Delete(const k8s::Action& action) {
  const auto is_meant = [&](const auto& object) {
    return object.meta.key == action.key && object.meta.uid == action.expect_uid;
  };
  if (action.type == k8s::kPodType) {
    std::erase_if(observed_.pods, is_meant);
  } else if (observed_.shared_claim && is_meant(*observed_.shared_claim)) {
    observed_.shared_claim.reset();
  } else {
    EXPECT_EQ(1, std::erase_if(learner_claims_, is_meant)) << action.key.name;
  }
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

void World::EditLearnerSets() {
  for (std::size_t i = 0; i < set_specs_.size(); ++i) {
    if (!observed_.learner_sets[i]) continue;
    set_specs_[i]["template"]["spec"]["hostNetwork"] = true;
    ++observed_.learner_sets[i]->meta.generation;
  }
}

bool World::IsTemplateEdited() const {
  return std::ranges::any_of(set_specs_, [](const json& spec) {
    return !spec.is_null() && spec.at("template").at("spec").contains("hostNetwork");
  });
}

void World::CreateForeignService() { foreign_service_ = true; }

std::vector<std::string> World::ObjectNames() const {
  std::vector<std::string> names;
  if (observed_.service) names.push_back("Service/" + observed_.service->meta.key.name);
  if (observed_.shared_claim) {
    names.push_back("PersistentVolumeClaim/" + observed_.shared_claim->meta.key.name);
  }
  for (const k8s::Claim& claim : learner_claims_) {
    names.push_back("PersistentVolumeClaim/" + claim.meta.key.name);
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
