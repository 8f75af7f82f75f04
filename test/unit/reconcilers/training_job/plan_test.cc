#include "reconcilers/training_job/plan.h"

#include <gtest/gtest.h>

#include "crds/v1/names.h"
#include "test/support/job_builder.h"
#include "test/unit/reconcilers/training_job/planned.h"

namespace ffdl::training_job {
namespace {

using testing_support::JobBuilder;

const Settings kSettings{.agent_image = "localhost/ffdl:1"};

k8s::Pod SucceededLearner() {
  k8s::Pod pod;
  pod.meta.key = {.ns = "ml", .name = "bert-learner-0"};
  pod.meta.labels = {{std::string(v1::kAttemptLabel), "1"}};
  pod.containers = {{.name = "learner", .terminated = k8s::ContainerEnd{.reason = "Completed"}}};
  return pod;
}

k8s::Claim ClaimOfLearner1() {
  k8s::Claim claim;
  claim.meta.key = {.ns = "ml", .name = v1::LearnerClaimName("bert-learner-0")};
  return claim;
}

// Whatever an operator that died had not told yet.
TEST(PlanTest, AJobThatRanToItsEndUnseenHadAnAttempt) {
  const v1::TrainingJob job = JobBuilder("bert").Build();
  const k8s::Plan plan =
      Decide(job, {.learner_sets = {FirstLearnerSet(job, 1)}, .pods = {SucceededLearner()}},
             kSettings, {});
  ASSERT_TRUE(plan.status);
  EXPECT_EQ("Completed", plan.status->body["status"]["state"]);
  EXPECT_EQ(1, plan.status->body["status"]["attempt"]);
}

TEST(PlanTest, LearnersThatWereSuspendedUnseenHadAnAttempt) {
  JobBuilder builder("bert");
  builder->spec.suspend = true;
  const v1::TrainingJob job = builder.Build();
  const k8s::Plan plan = Decide(job, {.learner_sets = {FirstLearnerSet(job, 0)}}, kSettings, {});
  ASSERT_TRUE(plan.status);
  EXPECT_EQ(1, plan.status->body["status"]["attempt"]);
}

TEST(PlanTest, ClaimsThatGoWithAnEarlierJobAreWaitedFor) {
  JobBuilder builder("bert");
  builder->spec.storage.per_learner = v1::StorageRequest{.size = "1Gi"};
  const v1::TrainingJob job = builder.Build();
  k8s::Claim owned = ClaimOfLearner1();
  owned.meta.owners = {{.kind = "StatefulSet", .uid = "another", .controller = true}};
  k8s::Claim going = ClaimOfLearner1();
  going.meta.deletion_time = k8s::Time{};
  for (const k8s::Claim& claim : {owned, going}) {
    EXPECT_TRUE(Decide(job, {.learner_claims = {claim}}, kSettings, {}).actions.empty());
  }
  EXPECT_FALSE(Decide(job, {.learner_claims = {ClaimOfLearner1()}}, kSettings, {}).actions.empty());
}

TEST(PlanTest, ASetThatSomebodyEditedIsAppliedAgain) {
  const v1::TrainingJob job = JobBuilder("bert").Build();
  k8s::StatefulSet set = FirstLearnerSet(job, 1);
  set.meta.generation = 4;
  set.meta.resource_version = "77";
  const auto applies = [&](const char* ours) {
    set.meta.annotations[std::string(v1::kGenerationAnnotation)] = ours;
    const k8s::Plan plan = Decide(job, {.learner_sets = {set}}, kSettings, {});
    std::vector<nlohmann::json> metadata;
    for (const k8s::Action& action : plan.actions) {
      if (action.type == k8s::kStatefulSetType) metadata.push_back(action.body["metadata"]);
    }
    return metadata;
  };
  EXPECT_TRUE(applies("4").empty());
  EXPECT_TRUE(applies("5").empty()) << "what we asked for changed nothing";
  EXPECT_TRUE(applies("").empty()) << "an operator before this one made it";
  const std::vector<nlohmann::json> repair = applies("3");
  ASSERT_EQ(1U, repair.size());
  EXPECT_EQ("77", repair[0]["resourceVersion"]) << "it must not undo what came after";
  EXPECT_EQ("5", repair[0]["annotations"][v1::kGenerationAnnotation]);
  set.meta.deletion_time = k8s::Time{};
  EXPECT_TRUE(applies("3").empty()) << "it is about to go";
}

}  // namespace
}  // namespace ffdl::training_job
