// Pods of a node that does not answer.
#include "reconcilers/training_job/stuck_pods.h"

#include <gtest/gtest.h>

#include "crds/v1/conditions.h"
#include "test/support/job_builder.h"

namespace ffdl::training_job {
namespace {

using std::chrono::seconds;

constexpr k8s::Time kDeleted{seconds(100'000)};
constexpr seconds kPatience{60};

class StuckPodsTest : public testing::Test {
 protected:
  StuckPodsTest() : job_(testing_support::JobBuilder("bert").Learners(2).Build()) {
    k8s::Pod pod;
    pod.meta.key = {.ns = "ml", .name = "bert-learner-1"};
    pod.meta.uid = "pod-2";
    pod.meta.deletion_time = kDeleted;
    pod.node = "node2";
    pod.disruption_reason = "DeletionByTaintManager";
    observed_.pods.push_back(std::move(pod));
  }

  void StoreForOneNode() {
    job_.spec.storage.per_learner =
        v1::StorageRequest{.size = "1Gi", .access_modes = {"ReadWriteOnce"}};
  }

  [[nodiscard]] Pass PlanAt(k8s::Time now) const {
    Pass pass{.job = job_, .observed = observed_, .settings = settings_, .now = now};
    EXPECT_EQ(Next::kGoOn, PlanStuckPods(pass));
    return pass;
  }

  v1::TrainingJob job_;
  Observed observed_;
  const Settings settings_{.lost_node_patience = kPatience};
};

TEST_F(StuckPodsTest, AreDeletedByForceWhenPatienceEnds) {
  const Pass early = PlanAt(kDeleted + seconds(20));
  EXPECT_TRUE(early.plan.actions.empty());
  EXPECT_EQ(seconds(40), early.plan.look_again_after);

  const Pass late = PlanAt(kDeleted + kPatience);
  ASSERT_EQ(1U, late.plan.actions.size());
  EXPECT_EQ("pod-2", late.plan.actions.front().expect_uid);
  EXPECT_EQ(0, late.plan.actions.front().grace_seconds);
}

// Nothing else may happen that has the job looked at: the other learners may have ended.
TEST_F(StuckPodsTest, AreToldOfWhenPatienceEndsIfAClaimIsAtStake) {
  StoreForOneNode();
  const Pass early = PlanAt(kDeleted + seconds(20));
  EXPECT_FALSE(FindFencedPod(early));
  EXPECT_EQ(seconds(40), early.plan.look_again_after);

  const Pass late = PlanAt(kDeleted + kPatience);
  EXPECT_TRUE(late.plan.actions.empty());
  EXPECT_FALSE(late.plan.look_again_after);
  const auto told = FindFencedPod(late);
  ASSERT_TRUE(told);
  EXPECT_EQ(v1::reason::kNodeLost, told->reason);
}

TEST_F(StuckPodsTest, AreNoneWhoseNodeAnswers) {
  observed_.pods.front().disruption_reason = "EvictionByEvictionAPI";
  const Pass pass = PlanAt(kDeleted + kPatience);
  EXPECT_TRUE(pass.plan.actions.empty());
  EXPECT_FALSE(pass.plan.look_again_after);
}

}  // namespace
}  // namespace ffdl::training_job
