#include "crds/v1/roles.h"

#include <gtest/gtest.h>

namespace ffdl::v1 {
namespace {

TEST(RolesTest, AreOneNamedLearnerWhereTheJobNamesNone) {
  const TrainingJobSpec spec{
      .learners = 3, .resources = {.gpus = 2}, .completion_policy = CompletionPolicy::kMaster};
  const Roles roles(spec);

  ASSERT_EQ(1U, roles.size());
  EXPECT_EQ("learner", roles[0].name);
  EXPECT_EQ(CompletionPolicy::kMaster, roles[0].completion_policy);
  EXPECT_EQ(3, roles.learners());
  EXPECT_EQ(6, roles.gpus());
  EXPECT_EQ("learner 3", LearnerName(roles, 3));
}

// Those that serve a launcher have no end of their own that anybody could wait for.
TEST(RolesTest, WaitForTheLauncherAloneWhereThereIsOne) {
  for (const FrameworkName name : {FrameworkName::kMpi, FrameworkName::kHorovod}) {
    TrainingJobSpec spec{.framework = {.name = name}, .learners = 3};
    EXPECT_EQ(CompletionPolicy::kMaster, Roles(spec)[0].completion_policy);

    spec.roles = {{.name = "launcher"}, {.name = "worker", .replicas = 2}};
    EXPECT_EQ(CompletionPolicy::kMaster, Roles(spec)[0].completion_policy);
    EXPECT_EQ(CompletionPolicy::kNone, Roles(spec)[1].completion_policy);
  }
}

class NamedRolesTest : public testing::Test {
 protected:
  const TrainingJobSpec spec_{
      .framework = {.image = "train:1"},
      .command = {"train"},
      .args = {"--fast"},
      .roles = {{.name = "ps", .replicas = 2, .resources = Resources{.cpu = "1"}},
                {.name = "worker", .replicas = 3, .args = {"--slow"}},
                {.name = "evaluator", .image = "evaluate:1", .command = {"evaluate"}}},
      .resources = {.gpus = 4}};
  const Roles roles_{spec_};
};

TEST_F(NamedRolesTest, CountLearnersOverAllInTheirOrder) {
  EXPECT_EQ(6, roles_.learners());
  EXPECT_EQ("ps 2", LearnerName(roles_, 2));
  EXPECT_EQ("worker 1", LearnerName(roles_, 3));
  EXPECT_EQ("evaluator 1", LearnerName(roles_, 6));
}

TEST_F(NamedRolesTest, CountTheGpusThatEachHas) { EXPECT_EQ(0 + 3 * 4 + 4, roles_.gpus()); }

TEST_F(NamedRolesTest, AreAsTheJobSaysWhereTheySayNothing) {
  const RoleView& worker = *roles_.Find("worker");
  EXPECT_EQ("train:1", worker.image);
  EXPECT_EQ(spec_.command, *worker.command);
  EXPECT_EQ(std::vector<std::string>{"--slow"}, *worker.args);
  EXPECT_EQ(std::vector<std::string>{"--fast"}, *roles_.Find("ps")->args);
}

TEST_F(NamedRolesTest, TakeNoArgumentsForAnotherCommand) {
  const RoleView& evaluator = *roles_.Find("evaluator");
  EXPECT_EQ("evaluate:1", evaluator.image);
  EXPECT_EQ(std::vector<std::string>{"evaluate"}, *evaluator.command);
  EXPECT_TRUE(evaluator.args->empty());
}

TEST_F(NamedRolesTest, KnowNoOtherNames) { EXPECT_EQ(nullptr, roles_.Find("learner")); }

}  // namespace
}  // namespace ffdl::v1
