#include "test/simulation/actors/user.h"

#include <fmt/format.h>

#include <utility>

#include "crds/v1/names.h"

namespace ffdl::simulation {

using namespace std::chrono_literals;

Quota::Quota(ApiServer& api, std::string_view plural) {
  if (plural.empty()) return;
  api.SetAdmission([this, plural](const Kind& kind, const Json& object) -> std::optional<Answer> {
    if (lifted_ || kind.plural != plural) return std::nullopt;
    const std::string name = object.at("metadata").at("name");
    return Refuse(403, "Forbidden",
                  fmt::format("{} \"{}\" is forbidden: exceeded quota: team, requested: {}=1, "
                              "used: {}=0, limited: {}=0",
                              plural, name, plural, plural, plural));
  });
}

User::User(Stage& stage, const Scenario& scenario, std::string job, Quota& quota)
    : role_(stage, "user"),
      scenario_(scenario),
      job_{.ns = kUsersNamespace, .name = std::move(job)},
      foreign_{.ns = kUsersNamespace, .name = v1::LearnersName(job_.name)},
      learners_{.ns = kUsersNamespace, .name = v1::LearnersName(job_.name)},
      guard_{.ns = kUsersNamespace, .name = v1::GuardName(job_.name)},
      quota_(quota) {
  stage.api.OnCommit([this](const Commit& commit) {
    if (&commit.kind == &kTrainingJobs) MaybeAct();
  });
}

bool User::Sees(Sight sight) {
  const StoredPtr job = role_.Find(kTrainingJobs, job_);
  return Shows(job ? job->object : Json(), sight);
}

void User::MaybeAct() {
  if (done() || about_to_act_ || !Sees(scenario_.steps[next_].when)) return;
  about_to_act_ = true;
  role_.Within(5ms, 3s, [this] {
    about_to_act_ = false;
    acted_at_ = role_.stage().time.Steady();
    const Step& step = scenario_.steps[next_++];
    Act(step);
    MaybeAct();
  });
}

void User::Act(const Step& step) {
  switch (step.act) {
    case Step::Act::kCreate:
      role_.Create(kTrainingJobs, {{"apiVersion", "ffdl.io/v1"},
                                   {"kind", "TrainingJob"},
                                   {"metadata", {{"name", job_.name}, {"namespace", job_.ns}}},
                                   {"spec", step.body}});
      return;
    case Step::Act::kEdit:
      role_.Patch(kTrainingJobs, job_, {{"spec", step.body}});
      return;
    case Step::Act::kDelete:
      role_.Delete(kTrainingJobs, job_, {});
      return;
    case Step::Act::kCreateForeign:
      role_.Create(kServices, {{"apiVersion", "v1"},
                               {"kind", "Service"},
                               {"metadata", {{"name", foreign_.name}, {"namespace", foreign_.ns}}},
                               {"spec", {{"clusterIP", "10.0.0.1"}}}});
      return;
    case Step::Act::kDeleteForeign:
      role_.Delete(kServices, foreign_, {});
      return;
    case Step::Act::kEditObjects:
      role_.Patch(kServices, foreign_, {{"spec", {{"publishNotReadyAddresses", false}}}});
      role_.Patch(kNetworkPolicies, guard_,
                  {{"spec", {{"ingress", Json::array({Json::object()})}}}});
      role_.Patch(kDisruptionBudgets, guard_, {{"spec", {{"maxUnavailable", 2}}}});
      role_.Patch(kStatefulSets, learners_, EditedTemplate());
      return;
    case Step::Act::kLiftQuota:
      role_.stage().trace.Line("user", "lifts the quota");
      quota_.Lift();
      return;
    case Step::Act::kPublish:
      return Publish(step.body);
  }
}

void User::Publish(const Json& catalogue) {
  const k8s::ObjectKey key{.ns = kOperatorsNamespace, .name = kCatalogue};
  if (role_.Find(kConfigMaps, key)) {
    role_.Patch(kConfigMaps, key, {{"data", catalogue}});
  } else {
    role_.Create(kConfigMaps, {{"apiVersion", "v1"},
                               {"kind", "ConfigMap"},
                               {"metadata", {{"name", key.name}, {"namespace", key.ns}}},
                               {"data", catalogue}});
  }
}

}  // namespace ffdl::simulation
