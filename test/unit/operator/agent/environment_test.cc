#include "operator/agent/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ffdl::agent {
namespace {

using testing::UnorderedElementsAre;

bool AllWritable(const std::string&) { return true; }
bool NoneWritable(const std::string&) { return false; }

std::vector<std::string> Program(std::vector<std::string> given,
                                 const IsWritableDirectory& is_writable = NoneWritable) {
  return ProgramEnvironment(Environment(std::move(given)), is_writable).entries();
}

TEST(OrdinalTest, IsTheNumberAtTheEndOfThePodsName) {
  EXPECT_EQ(3, OrdinalOf("mnist-learner-3"));
  EXPECT_EQ(12, OrdinalOf("a-12"));
  for (const char* name : {"", "mnist", "mnist-", "mnist-x", "mnist-3x", "3", "a-99999999999"}) {
    EXPECT_EQ(std::nullopt, OrdinalOf(name)) << name;
  }
}

TEST(ProgramEnvironmentTest, NumbersLearnersFromOne) {
  EXPECT_THAT(Program({"DOWNWARD_API_POD_NAME=m-learner-2", "LEARNER_ID=9"}),
              UnorderedElementsAre("DOWNWARD_API_POD_NAME=m-learner-2", "LEARNER_ID=3"));
  EXPECT_THAT(Program({"FFDL_POD_NAME=m-learner-2"}), UnorderedElementsAre("LEARNER_ID=3"));
}

TEST(ProgramEnvironmentTest, CountsTheLearnersOfTheRolesBefore) {
  EXPECT_THAT(Program({"FFDL_POD_NAME=m-worker-1", "FFDL_LEARNERS_BEFORE=2", "NUM_LEARNERS=4",
                       "FFDL_SET_ROLE_RANK={role_rank}", "FFDL_SET_RANK={rank}"}),
              UnorderedElementsAre("LEARNER_ID=4", "NUM_LEARNERS=4", "ROLE_RANK=1", "RANK=3"));
}

TEST(ProgramEnvironmentTest, FillsTheTemplatesForTheLearner) {
  EXPECT_THAT(
      Program({"FFDL_POD_NAME=m-learner-2", "NUM_LEARNERS=3", "PEERS=of the image",
               "FFDL_SET_RANK={rank}", "FFDL_SET_PEERS={each}m-{i}{end}", "FFDL_SET_=x"}),
      UnorderedElementsAre("LEARNER_ID=3", "NUM_LEARNERS=3", "RANK=2", "PEERS=m-0,m-1,m-2"));
}

TEST(ProgramEnvironmentTest, LeavesOtherPodsAlone) {
  EXPECT_THAT(Program({"FFDL_POD_NAME=single", "FFDL_SET_RANK={rank}", "LEARNER_ID=1"}),
              UnorderedElementsAre("LEARNER_ID=1"));
}

TEST(ProgramEnvironmentTest, HidesTheClusterAndOurOwnVariables) {
  EXPECT_THAT(Program({"KUBERNETES_SERVICE_HOST=10.0.0.1", "KUBERNETES_PORT_443_TCP=x", "FFDL_X=1",
                       "KUBERNETES=kept", "MY_FFDL_X=kept"}),
              UnorderedElementsAre("KUBERNETES=kept", "MY_FFDL_X=kept"));
}

TEST(ProgramEnvironmentTest, PutsTheCodeFirstInPythonsPath) {
  EXPECT_THAT(Program({"MODEL_DIR=/job/model-code"}),
              UnorderedElementsAre("MODEL_DIR=/job/model-code", "PYTHONPATH=/job/model-code"));
  EXPECT_THAT(Program({"MODEL_DIR=/m", "PYTHONPATH=/a:/b"}),
              UnorderedElementsAre("MODEL_DIR=/m", "PYTHONPATH=/m:/a:/b"));
}

TEST(ProgramEnvironmentTest, GivesAHomeThatCanBeWrittenTo) {
  EXPECT_THAT(Program({"HOME=/home/me"}, AllWritable), UnorderedElementsAre("HOME=/home/me"));
  EXPECT_THAT(Program({}, AllWritable), UnorderedElementsAre("HOME=/tmp"));
  EXPECT_THAT(
      Program({"HOME=/", "TMPDIR=/scratch"}, [](const auto& path) { return path == "/scratch"; }),
      UnorderedElementsAre("HOME=/scratch", "TMPDIR=/scratch"));
  EXPECT_THAT(Program({"HOME=/", "MODEL_DIR=/m"}, [](const auto& path) { return path == "/m"; }),
              UnorderedElementsAre("HOME=/m", "MODEL_DIR=/m", "PYTHONPATH=/m"));
  EXPECT_THAT(Program({"HOME=/"}, NoneWritable), UnorderedElementsAre("HOME=/"));
}

TEST(ExpectedDirectoriesTest, AreThoseThatAreNamed) {
  EXPECT_THAT(ExpectedDirectories(
                  Environment({"RESULT_DIR=/r", "CHECKPOINT_DIR=", "LOG_DIR=/l", "LEARNER_ID=2"})),
              testing::ElementsAre("/r", "/l/learner-2"));
  EXPECT_EQ("/l/learner-2/training-log.txt",
            TrainingLogPath(Environment({"LOG_DIR=/l", "LEARNER_ID=2"})));
  EXPECT_EQ("", TrainingLogPath(Environment({"LEARNER_ID=2"})));
}

}  // namespace
}  // namespace ffdl::agent
