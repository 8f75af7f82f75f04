#include "reconcilers/training_job/losses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crds/v1/conditions.h"
#include "crds/v1/learner_ids.h"
#include "crds/v1/names.h"
#include "test/support/job_builder.h"

namespace ffdl::training_job {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

k8s::Pod PodOf(int learner, const std::string& uid) {
  k8s::Pod pod;
  pod.meta.key = {.ns = "ml", .name = "bert-learner-" + std::to_string(learner - 1)};
  pod.meta.uid = uid;
  pod.meta.labels = {{std::string(v1::kAttemptLabel), "1"}};
  return pod;
}

// A job of three learners that all ran, as status of version 100 of the pods tells.
class LossesTest : public testing::Test {
 protected:
  LossesTest() {
    job_ = testing_support::JobBuilder("bert").Build();
    job_.spec.learners = 3;
    job_.status.attempt = 1;
    k8s::SetCondition(job_.status.conditions,
                      {.type = std::string(v1::condition::kReady),
                       .status = "True",
                       .reason = std::string(v1::reason::kLearnersRunning)});
    observed_.pods = {PodOf(1, "a"), PodOf(2, "b"), PodOf(3, "c")};
    job_.status.learners.pods_digest =
        PodsDigest(LearnersOf(v1::Roles(job_.spec), observed_.pods, 1));
    job_.status.learners.pods_version = "100";
    observed_.pods_version = "100";
  }

  [[nodiscard]] std::vector<std::int32_t> Lost(bool has_lone_restarts = false) const {
    Pass pass{.job = job_, .observed = observed_, .settings = settings_, .now = {}};
    pass.has_lone_restarts = has_lone_restarts;
    pass.learners = LearnersOf(v1::Roles(job_.spec), observed_.pods, pass.attempt);
    std::vector<std::int32_t> ids;
    for (const Learner& learner : LostLearners(pass)) ids.push_back(learner.id);
    return ids;
  }

  v1::TrainingJob job_;
  Observed observed_;
  const Settings settings_;
};

TEST_F(LossesTest, NoneWhileThePodsAreTheSameInWhateverOrder) {
  EXPECT_THAT(Lost(), IsEmpty());
  std::swap(observed_.pods[0], observed_.pods[2]);
  EXPECT_THAT(Lost(), IsEmpty());
}

TEST_F(LossesTest, SeesPodsThatGoThatAreGoneAndThatAreOthers) {
  observed_.pods[0].meta.deletion_time = k8s::Time{};
  observed_.pods.pop_back();
  EXPECT_THAT(Lost(), ElementsAre(1, 3));
  observed_.pods = {PodOf(1, "a"), PodOf(2, "other"), PodOf(3, "c")};
  observed_.pods[1].meta.creation_time = k8s::Time(std::chrono::seconds(9));
  EXPECT_THAT(Lost(), ElementsAre(2));
}

// Such a pod fails, too, when its grace period is over, but no node gave it up.
TEST_F(LossesTest, TakesAPodThatWasDeletedForNoEviction) {
  k8s::Pod& going = observed_.pods[1];
  going.meta.deletion_time = k8s::Time{};
  going.node = "gpu-a-03";
  going.phase = "Failed";
  going.containers = {{.name = "learner", .terminated = k8s::ContainerEnd{.exit_code = 137}}};
  Pass pass{.job = job_, .observed = observed_, .settings = settings_, .now = {}};
  pass.learners = LearnersOf(v1::Roles(job_.spec), observed_.pods, pass.attempt);
  const std::vector<Learner> lost = LostLearners(pass);
  ASSERT_EQ(1U, lost.size());
  EXPECT_EQ(v1::reason::kLearnerDeleted, lost[0].end->reason);
  EXPECT_EQ("lost its pod on node gpu-a-03, because somebody deleted it", lost[0].end->message);
}

// A node that gave a pod up; its StatefulSet had another one in its place before anybody looked.
TEST_F(LossesTest, TellsWhatAPodSaidBeforeItWent) {
  k8s::Pod evicted = observed_.pods[1];
  evicted.node = "gpu-a-03";
  evicted.phase = "Failed";
  evicted.reason = "Evicted";
  evicted.message = "The node was low on resource: memory.";
  evicted.meta.deletion_time = k8s::Time{};
  const auto lost = [&]() -> std::optional<Learner> {
    Pass pass{.job = job_, .observed = observed_, .settings = settings_, .now = {}};
    pass.learners = LearnersOf(v1::Roles(job_.spec), observed_.pods, pass.attempt);
    const std::vector<Learner> all = LostLearners(pass);
    return all.size() == 1 ? std::optional(all.front()) : std::nullopt;
  };
  for (const bool replaced : {false, true}) {
    observed_.pods = {PodOf(1, "a"), PodOf(3, "c")};
    if (replaced) observed_.pods.push_back(PodOf(2, "other"));
    observed_.departed = {evicted};
    EXPECT_EQ(v1::reason::kLearnerDeleted, lost()->end->reason) << "it had not begun";
    observed_.departed.front().containers = {
        {.name = "learner", .terminated = k8s::ContainerEnd{.exit_code = 137}}};
    ASSERT_TRUE(lost());
    EXPECT_EQ(2, lost()->id);
    EXPECT_EQ(v1::reason::kEvicted, lost()->end->reason);
    EXPECT_EQ("was given up by its node: The node was low on resource: memory",
              lost()->end->message);
    EXPECT_EQ("gpu-a-03", lost()->pod->node);
    observed_.departed.front().meta.labels = {{std::string(v1::kAttemptLabel), "0"}};
    EXPECT_EQ(v1::reason::kLearnerDeleted, lost()->end->reason) << "of another attempt";
  }
}

// That it trained is to be seen in the pod itself, whatever was told.
TEST_F(LossesTest, SeesALearnerThatGoesBeforeAnybodyToldOfIt) {
  job_.status = {};
  observed_.pods[1].meta.deletion_time = k8s::Time{};
  EXPECT_THAT(Lost(), IsEmpty());
  observed_.pods[1].containers = {{.name = "learner", .running = true}};
  EXPECT_THAT(Lost(), ElementsAre(2));
}

// A new leader may know of the status before it knows of the pods that the status speaks of.
TEST_F(LossesTest, JudgesNoViewThatIsOlderThanTheStatus) {
  observed_.pods.clear();
  observed_.pods_version = "99";
  EXPECT_THAT(Lost(), IsEmpty());
  observed_.pods_version = "101";
  EXPECT_THAT(Lost(), ElementsAre(1, 2, 3));
}

// The same job as an elastic one, of which learners 1 to `told` were told.
class ElasticLossesTest : public LossesTest {
 protected:
  void Tell(std::size_t told) {
    job_.spec.elastic = v1::Elastic{.max_learners = 8};
    Observed seen = observed_;
    seen.pods.resize(told);
    const auto learners = LearnersOf(v1::Roles(job_.spec), seen.pods, 1);
    std::vector<std::int32_t> ids;
    for (const Learner& learner : learners) ids.push_back(learner.id);
    job_.status.learners.pods_of = v1::LearnerIdsText(ids);
    job_.status.learners.pods_digest = PodsDigest(learners);
    job_.status.learners.pods_created = k8s::Time{};
  }

  [[nodiscard]] std::vector<std::int32_t> Lost() const { return LossesTest::Lost(true); }
};

TEST_F(ElasticLossesTest, NoneOfLearnersThatComeAndThatNobodyAsksForAnyMore) {
  Tell(2);
  EXPECT_THAT(Lost(), IsEmpty()) << "learner 3 is new";
  Tell(3);
  job_.spec.learners = 2;
  EXPECT_THAT(Lost(), IsEmpty());
  observed_.pods[2].meta.deletion_time = k8s::Time{};
  observed_.pods[2].containers = {{.name = "learner", .running = true}};
  EXPECT_THAT(Lost(), IsEmpty());
  observed_.pods.pop_back();
  EXPECT_THAT(Lost(), IsEmpty());
}

// The pods of those that were told to go are still there, and so many are asked for again.
TEST_F(ElasticLossesTest, NoneOfLearnersThatWereLetGoAndAreAskedForAgain) {
  Tell(2);
  observed_.pods[2].meta.deletion_time = k8s::Time{};
  observed_.pods[2].containers = {{.name = "learner", .running = true}};
  EXPECT_THAT(Lost(), IsEmpty());
}

TEST_F(ElasticLossesTest, SeesThoseThatStayAndAreLostAllTheSame) {
  Tell(3);
  job_.spec.learners = 2;
  observed_.pods[1].meta.uid = "other";
  observed_.pods[1].meta.creation_time = k8s::Time(std::chrono::seconds(9));
  EXPECT_THAT(Lost(), ElementsAre(2));
  observed_.pods.erase(observed_.pods.begin());
  EXPECT_THAT(Lost(), ElementsAre(1, 2));
}

TEST_F(LossesTest, NoneBeforeAllRanAndNoneThatNobodyWroteDown) {
  observed_.pods.pop_back();
  const v1::TrainingJobStatus told = job_.status;
  job_.status.learners.pods_digest.clear();
  EXPECT_THAT(Lost(), IsEmpty());
  job_.status = told;
  job_.status.conditions.front().status = "False";
  EXPECT_THAT(Lost(), IsEmpty());
}

}  // namespace
}  // namespace ffdl::training_job
