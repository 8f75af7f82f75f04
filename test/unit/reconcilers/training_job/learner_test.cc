#include "reconcilers/training_job/learner.h"

#include <gtest/gtest.h>

namespace ffdl::training_job {
namespace {

k8s::Pod PodNamed(const std::string& name, k8s::ContainerStatus container) {
  k8s::Pod pod;
  pod.meta.key = {.ns = "ml", .name = name};
  pod.meta.labels = {{"ffdl.io/attempt", "1"}};
  container.name = "learner";
  pod.containers = {std::move(container)};
  return pod;
}

const v1::TrainingJobSpec kSpec{.learners = 11};
const v1::Roles kRoles(kSpec);

Learner Judged(k8s::ContainerStatus container) {
  static std::vector<k8s::Pod> pods;
  pods = {PodNamed("bert-learner-0", std::move(container))};
  return LearnersOf(kRoles, pods, 1).at(0);
}

TEST(LearnerTest, IsNumberedFromOneAndSorted) {
  const std::vector<k8s::Pod> pods = {PodNamed("bert-learner-10", {}),
                                      PodNamed("bert-learner-2", {})};
  const std::vector<Learner> learners = LearnersOf(kRoles, pods, 1);

  EXPECT_EQ(3, learners.at(0).id);
  EXPECT_EQ(11, learners.at(1).id);
}

TEST(LearnerTest, OfAnotherAttemptOrBeingDeletedIsNone) {
  std::vector<k8s::Pod> pods = {PodNamed("bert-learner-0", {}), PodNamed("bert-learner-1", {})};
  pods[0].meta.deletion_time = k8s::Time{};
  pods[1].meta.labels = {{"ffdl.io/attempt", "2"}};

  EXPECT_TRUE(LearnersOf(kRoles, pods, 1).empty());
}

TEST(LearnerTest, ThatNobodySpokeOfIsStarting) {
  k8s::Pod pod = PodNamed("bert-learner-0", {});
  pod.containers.clear();
  const std::vector<k8s::Pod> pods = {pod};

  EXPECT_EQ(LearnerPhase::kStarting, LearnersOf(kRoles, pods, 1).at(0).phase);
}

TEST(LearnerTest, CountsItsFirstEndAfterTheKubeletStartedItAgain) {
  const Learner learner = Judged({.running = true,
                                  .last_terminated = k8s::ContainerEnd{
                                      .exit_code = 3,
                                      .reason = "Error",
                                      .message = R"({"reason":"ProgramFailed","log":"boom"})"}});

  EXPECT_EQ(LearnerPhase::kFailed, learner.phase);
  EXPECT_EQ(3, learner.end->exit_code);
  EXPECT_EQ("boom", learner.end->log);
}

TEST(LearnerTest, TakesAMessageOfAnotherFormForTheLog) {
  const Learner learner =
      Judged({.terminated = k8s::ContainerEnd{.exit_code = 2, .message = "segmentation \"fault"}});

  EXPECT_EQ("ProgramFailed", learner.end->reason);
  EXPECT_EQ("segmentation \"fault", learner.end->log);
}

TEST(LearnerTest, ThatTheRuntimeCannotStartIsNoFailureOfTheProgram) {
  const Learner learner = Judged({.terminated = k8s::ContainerEnd{
                                      .exit_code = 128,
                                      .reason = "StartError",
                                      .message = "exec /ffdl/bin/ffdl-launch: exec format error"}});

  EXPECT_EQ(LearnerPhase::kCannotStart, learner.phase);
  EXPECT_EQ("LearnerStartFailed", learner.end->reason);
}

TEST(LearnerTest, ThatTheLauncherCouldNotStartIsNoFailureOfTheProgram) {
  const Learner learner =
      Judged({.terminated = k8s::ContainerEnd{
                  .exit_code = 125,
                  .reason = "Error",
                  .message = R"({"reason":"LaunchFailed","message":"no pipe"})"}});

  EXPECT_EQ(LearnerPhase::kCannotStart, learner.phase);
  EXPECT_EQ("LearnerStartFailed", learner.end->reason);
  EXPECT_EQ("no pipe", learner.end->message);
}

TEST(LearnerTest, NamesTheSignalThatEndedIt) {
  const Learner learner =
      Judged({.terminated = k8s::ContainerEnd{.exit_code = 139,
                                              .message = R"({"reason":"KilledBySignal"})"}});

  EXPECT_EQ("KilledBySignal", learner.end->reason);
  EXPECT_EQ("was killed by signal 11", learner.end->message);
}

}  // namespace
}  // namespace ffdl::training_job
