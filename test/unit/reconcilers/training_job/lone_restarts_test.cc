#include "reconcilers/training_job/lone_restarts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "crds/v1/conditions.h"
#include "crds/v1/names.h"
#include "reconcilers/training_job/losses.h"
#include "test/support/job_builder.h"

namespace ffdl::training_job {
namespace {

using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

constexpr k8s::Time kNow{seconds(100'000)};

k8s::Pod RunningPod(int learner) {
  k8s::Pod pod;
  pod.meta.key = {.ns = "ml", .name = "bert-learner-" + std::to_string(learner - 1)};
  pod.meta.uid = "pod-" + std::to_string(learner);
  pod.meta.labels = {{std::string(v1::kAttemptLabel), "1"}};
  pod.node = "node";
  pod.phase = "Running";
  pod.containers = {{.name = "learner", .running = true}};
  return pod;
}

// A job whose learners all run and start again alone.
class LoneRestartsTest : public testing::Test {
 protected:
  explicit LoneRestartsTest(int learners = 3) {
    job_ = testing_support::JobBuilder("bert").Learners(learners).Build();
    job_.spec.failure_policy = {.max_restarts = 5, .restart_scope = v1::RestartScope::kLearner};
    job_.status.attempt = 1;
    job_.status.attempt_start_time = kNow - seconds(50);
    observed_.learner_sets[0] =
        k8s::StatefulSet{.meta = {.owners = {{"ffdl.io/v1", "TrainingJob", "bert", "uid-1", true}}},
                         .replicas = learners};
    for (int id = 1; id <= learners; ++id) observed_.pods.push_back(RunningPod(id));
    observed_.pods_version = "100";
    Pass pass = Begin();
    EXPECT_EQ(Next::kGoOn, PlanFailures(pass));
    Write(pass);
  }

  void Fail(int learner) {
    k8s::ContainerStatus& container =
        observed_.pods[static_cast<std::size_t>(learner) - 1].containers.front();
    container.running = false;
    container.terminated = k8s::ContainerEnd{.exit_code = 3, .reason = "Error"};
  }

  [[nodiscard]] Pass Begin() const {
    Pass pass{.job = job_, .observed = observed_, .settings = settings_, .now = kNow};
    pass.learners = LearnersOf(pass.roles, observed_.pods, pass.attempt);
    pass.has_lone_restarts = HasLoneRestarts(job_);
    RecallLearners(pass);
    pass.lost = LostLearners(pass);
    pass.next = job_.status;
    return pass;
  }

  // As the write of a pass's status leaves it.
  void Write(const Pass& pass) {
    v1::TrainingJobStatus status = pass.next;
    TellPods(pass, status.learners);
    job_.status = std::move(status);
  }

  v1::TrainingJob job_;
  Observed observed_;
  const Settings settings_;
};

TEST_F(LoneRestartsTest, AreWrittenDownBeforeThePodIsDeletedAndNeverCountedAgain) {
  Fail(2);
  Pass decides = Begin();
  EXPECT_EQ(Next::kStop, PlanFailures(decides));
  EXPECT_THAT(decides.plan.actions, IsEmpty());
  EXPECT_EQ(1, decides.next.restarts);
  ASSERT_THAT(decides.next.learner_restarts, SizeIs(1));
  EXPECT_EQ("pod-2", decides.next.learner_restarts.front().pod_uid);
  Write(decides);

  for (int time = 0; time < 2; ++time) {
    Pass carries_out = Begin();
    EXPECT_EQ(Next::kGoOn, PlanFailures(carries_out));
    EXPECT_EQ(Next::kGoOn, PlanLoneRestarts(carries_out));
    ASSERT_THAT(carries_out.plan.actions, SizeIs(1));
    EXPECT_EQ(k8s::Action::Verb::kDelete, carries_out.plan.actions.front().verb);
    EXPECT_EQ("pod-2", carries_out.plan.actions.front().expect_uid);
    EXPECT_EQ(1, carries_out.next.restarts);
  }
}

TEST_F(LoneRestartsTest, CountNoPodThatIsDrainedAfterItsFailureWasCounted) {
  Fail(2);
  Pass decides = Begin();
  (void)PlanFailures(decides);
  Write(decides);
  observed_.pods[1].meta.deletion_time = kNow;
  observed_.pods[1].disruption_reason = "EvictionByEvictionAPI";
  EXPECT_THAT(Begin().lost, IsEmpty());
}

TEST_F(LoneRestartsTest, AreOverWhenAnotherPodHasStarted) {
  Fail(2);
  Pass decides = Begin();
  (void)PlanFailures(decides);
  Write(decides);
  EXPECT_EQ("1,3", job_.status.learners.pods_of);

  observed_.pods[1] = RunningPod(2);
  observed_.pods[1].meta.uid = "another";
  Pass sees = Begin();
  EXPECT_EQ(Next::kGoOn, PlanFailures(sees));
  EXPECT_FALSE(sees.next.learner_restarts.front().restarting);
  EXPECT_EQ("", sees.next.learner_restarts.front().pod_uid);
  Write(sees);
  EXPECT_EQ("1-3", job_.status.learners.pods_of);

  Fail(2);  // and may fail again
  Pass again = Begin();
  EXPECT_EQ(Next::kStop, PlanFailures(again));
  EXPECT_EQ(2, again.next.restarts);
  EXPECT_EQ(2, again.next.learner_restarts.front().restarts);
}

// To a new leader that still sees the pod of then, it would be one that fails now.
TEST_F(LoneRestartsTest, AreNotDecidedFromPodsAsTheyWereBeforeTheStatus) {
  Fail(2);
  observed_.pods_version = "99";
  Pass pass = Begin();
  EXPECT_EQ(Next::kStop, PlanOldView(pass));
  EXPECT_TRUE(pass.sees_the_past);
  EXPECT_TRUE(pass.plan.look_again_after);
  observed_.pods_version = "100";
  Pass later = Begin();
  EXPECT_EQ(Next::kGoOn, PlanOldView(later));
}

TEST_F(LoneRestartsTest, WaitInTheirPlaceWhenTheOneBeforeWasShortlyBefore) {
  job_.status.learner_restarts = {
      {.learner = 1, .restarts = 1, .time = kNow - seconds(30), .backoff_seconds = 20}};
  Fail(2);
  Pass decides = Begin();
  (void)PlanFailures(decides);
  EXPECT_EQ(40, decides.next.learner_restarts.back().backoff_seconds);
  Write(decides);
  Pass waits = Begin();
  (void)PlanLoneRestarts(waits);
  EXPECT_THAT(waits.plan.actions, IsEmpty());
  EXPECT_EQ(seconds(40), waits.plan.look_again_after);
}

// A digest alone would not say which.
TEST_F(LoneRestartsTest, CountEachPodThatWasReplacedWhileNobodyLooked) {
  for (const std::size_t at : {0U, 2U}) {
    observed_.pods[at].meta.uid = "another-" + std::to_string(at);
    observed_.pods[at].meta.creation_time = kNow;
  }
  const Pass pass = Begin();
  ASSERT_THAT(pass.lost, SizeIs(2));
  EXPECT_EQ(1, pass.lost[0].id);
  EXPECT_EQ(3, pass.lost[1].id);
}

TEST_F(LoneRestartsTest, ForgetNobodyWhileFailuresAreNotJudged) {
  const v1::LearnersStatus told = job_.status.learners;
  observed_.pods.pop_back();
  observed_.pods_version = "101";
  const Pass refused = Begin();  // stops before the phase of failures
  v1::LearnersStatus tells;
  TellPods(refused, tells);
  EXPECT_EQ(told.pods_digest, tells.pods_digest);
  EXPECT_EQ("1-3", tells.pods_of);
  EXPECT_EQ("100", tells.pods_version);
}

class ManyLoneRestartsTest : public LoneRestartsTest {
 protected:
  static constexpr int kLearners = static_cast<int>(v1::kLearnerRestartsMax) + 1;
  ManyLoneRestartsTest() : LoneRestartsTest(kLearners) {
    job_.spec.failure_policy.max_restarts = 100;
  }
};

TEST_F(ManyLoneRestartsTest, AreOneRestartOfTheJobWhenMoreFailAtOnceThanAreRemembered) {
  for (int id = 1; id <= kLearners; ++id) Fail(id);
  Pass pass = Begin();
  EXPECT_EQ(Next::kStop, PlanFailures(pass));
  EXPECT_EQ(2, pass.next.attempt);
  EXPECT_EQ(1, pass.next.restarts);
}

TEST_F(ManyLoneRestartsTest, ForgetTheLearnerThatRestedLongest) {
  for (int id = 1; id < kLearners; ++id) {
    job_.status.learner_restarts.push_back(
        {.learner = id, .restarts = 1, .time = kNow - seconds(id == 7 ? 900 : 700)});
  }
  Fail(kLearners);
  Pass pass = Begin();
  EXPECT_EQ(Next::kStop, PlanFailures(pass));
  EXPECT_THAT(pass.next.learner_restarts, SizeIs(v1::kLearnerRestartsMax));
  EXPECT_EQ(0, std::ranges::count(pass.next.learner_restarts, 7, &v1::LearnerRestart::learner));
  EXPECT_EQ(kLearners, pass.next.learner_restarts.back().learner);
}

}  // namespace
}  // namespace ffdl::training_job
