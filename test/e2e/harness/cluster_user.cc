#include "test/e2e/harness/cluster_user.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "crds/v1/names.h"
#include "crds/v1/training_job.h"
#include "test/e2e/harness/job_manifest.h"

namespace ffdl::e2e {
namespace {

using simulation::LearnerFate;
using simulation::Sight;
using simulation::Step;
using How = LearnerFate::How;

constexpr int kAttemptsMax = 3;  // that a scenario takes, and more
constexpr int kLearnersMax = 4;
constexpr int kTimesFaster = 10;

constexpr k8s::ResourceType kQuotaType{"", "v1", "ResourceQuota", "resourcequotas"};
constexpr const char* kQuota = "team";

std::string LineOf(const LearnerFate& fate) {
  if (fate.how == How::kRunsOn) return "exec sleep 3600";
  return fmt::format("sleep {}; exit {}", fate.after.count() / kTimesFaster, fate.code);
}

// Learners that started late would make the counts of an end depend on the machine.
constexpr const char* kWaitForTheOthers =
    "touch $JOB_STATE_DIR/started-$ATTEMPT-$LEARNER_ID\n"
    "while [ $(ls $JOB_STATE_DIR | grep -c started-$ATTEMPT-) -lt $NUM_LEARNERS ]; do\n"
    "  sleep 0.1\n"
    "done\n";

// A launcher alone runs the script, and is waited for by nobody else.
bool HasLauncher(const simulation::Scenario& scenario) {
  return std::ranges::any_of(scenario.steps, [](const Step& step) {
    return step.body.is_object() && step.body.value("/framework/name"_json_pointer, "") == "mpi";
  });
}

std::string ScriptOf(const simulation::Scenario& scenario) {
  std::string script = HasLauncher(scenario) ? "" : kWaitForTheOthers;
  script += "case $ATTEMPT-$LEARNER_ID in\n";
  for (int attempt = 1; attempt <= kAttemptsMax; ++attempt) {
    for (int rank = 0; rank < kLearnersMax; ++rank) {
      script +=
          fmt::format("{}-{}) {};;\n", attempt, rank + 1, LineOf(scenario.fate(attempt, rank)));
    }
  }
  return script + "esac\n";
}

Json TrainingJob(const std::string& name, Json spec) {
  return {{"apiVersion", "ffdl.io/v1"},
          {"kind", "TrainingJob"},
          {"metadata", {{"name", name}}},
          {"spec", std::move(spec)}};
}

// A Service that is nobody's, with the name that our job's will have.
Json ForeignService(const std::string& job) {
  return {{"apiVersion", "v1"},
          {"kind", "Service"},
          {"metadata", {{"name", v1::LearnersName(job)}}},
          {"spec", {{"ports", Json::array({{{"port", 80}}})}}}};
}

}  // namespace

bool CanBePlayed(const simulation::Scenario& scenario) {
  if (scenario.capacity_missing.count() > 0 || scenario.has_catalogue) return false;
  for (const simulation::Step& step : scenario.steps) {
    if (step.body.contains("code")) return false;  // in a store that only the simulation has
  }
  for (int rank = 0; rank < kLearnersMax; ++rank) {
    const How how = scenario.fate(1, rank).how;
    if (how != How::kRunsOn && how != How::kExits) return false;
  }
  return true;
}

Json RealSpec(const simulation::Scenario& scenario, Json spec) {
  if (spec.contains("framework")) {
    spec["framework"]["image"] = kBusybox;
    spec["env"] = Json::array(
        {{{"name", "ATTEMPT"},
          {"valueFrom",
           {{"fieldRef",
             {{"fieldPath", fmt::format("metadata.labels['{}']", v1::kAttemptLabel)}}}}}}});
    spec.erase("resources");  // the cluster has a few GPUs, and they are for other tests
  }
  if (spec.contains("command")) {
    Json command = Json::array({"sh", "-c", ScriptOf(scenario)});
    for (Json& word : spec["command"]) command.push_back(std::move(word));
    spec["command"] = std::move(command);
  }
  return spec;
}

ClusterUser::ClusterUser(ClusterApi& api, const simulation::Scenario& scenario, std::string ns,
                         std::string job)
    : api_(api), scenario_(scenario), ns_(std::move(ns)), job_(std::move(job)) {}

void ClusterUser::MaybeAct() {
  const std::string path = k8s::ResourcePath(v1::kTrainingJobType, ns_, job_);
  while (!done()) {
    const Step& step = scenario_.steps[next_];
    if (step.when != Sight::kNothing && !simulation::Shows(api_.Get(path), step.when)) return;
    Act(step);
    ++next_;
  }
}

void ClusterUser::Act(const Step& step) {
  const std::string path = k8s::ResourcePath(v1::kTrainingJobType, ns_, job_);
  switch (step.act) {
    case Step::Act::kCreate:
      return api_.Create(v1::kTrainingJobType, ns_,
                         TrainingJob(job_, RealSpec(scenario_, step.body)));
    case Step::Act::kEdit:
      return api_.MergePatch(path, {{"spec", RealSpec(scenario_, step.body)}});
    case Step::Act::kDelete:
      return api_.Delete(path);
    case Step::Act::kCreateForeign:
      return api_.Create(k8s::kServiceType, ns_, ForeignService(job_));
    case Step::Act::kDeleteForeign:
      return api_.Delete(k8s::ResourcePath(k8s::kServiceType, ns_, v1::LearnersName(job_)));
    case Step::Act::kEditObjects:
      return EditObjects();
    case Step::Act::kLiftQuota:
      return api_.Delete(k8s::ResourcePath(kQuotaType, ns_, kQuota));
    case Step::Act::kPublish:
      return;  // see CanBePlayed
  }
}

void ClusterUser::EditObjects() {
  const std::string guard = v1::GuardName(job_);
  api_.MergePatch(k8s::ResourcePath(k8s::kServiceType, ns_, v1::LearnersName(job_)),
                  {{"spec", {{"publishNotReadyAddresses", false}}}});
  api_.MergePatch(k8s::ResourcePath(k8s::kNetworkPolicyType, ns_, guard),
                  {{"spec", {{"ingress", Json::array({Json::object()})}}}});
  api_.MergePatch(k8s::ResourcePath(k8s::kDisruptionBudgetType, ns_, guard),
                  {{"spec", {{"maxUnavailable", 2}}}});
  api_.MergePatch(k8s::ResourcePath(k8s::kStatefulSetType, ns_, v1::LearnersName(job_)),
                  simulation::EditedTemplate());
}

void SetScene(ClusterApi& api, const simulation::Scenario& scenario, const std::string& ns) {
  if (scenario.quota_on.empty()) return;
  api.Create(kQuotaType, ns,
             {{"apiVersion", "v1"},
              {"kind", "ResourceQuota"},
              {"metadata", {{"name", kQuota}}},
              {"spec", {{"hard", {{std::string(scenario.quota_on), "0"}}}}}});
}

}  // namespace ffdl::e2e
