#include "reconcilers/training_job/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "test/support/job_builder.h"

namespace ffdl::training_job {
namespace {

using testing_support::JobBuilder;

// Name -> value; a variable that is set twice counts with its last value, as in a container.
std::map<std::string, std::string> Values(const v1::TrainingJob& job) {
  std::map<std::string, std::string> values;
  for (const auto& variable : LearnerEnvironment(job, testing_support::FirstRole(job))) {
    values[variable["name"]] = variable.value("value", "<from elsewhere>");
  }
  return values;
}

TEST(EnvironmentTest, IsTheContractOfFfdl) {
  auto values = Values(JobBuilder("bert").Learners(4).Gpus(2).Build());

  EXPECT_EQ("/job", values["JOB_STATE_DIR"]);
  EXPECT_EQ("/job/model-code", values["MODEL_DIR"]);
  EXPECT_EQ("/job/data", values["DATA_DIR"]);
  EXPECT_EQ("/job/logs", values["LOG_DIR"]);
  EXPECT_EQ("/job/results", values["RESULT_DIR"]);
  EXPECT_EQ("", values["RESULT_BUCKET_DIR"]);
  EXPECT_EQ("/job/results/checkpoints", values["CHECKPOINT_DIR"]);
  EXPECT_EQ("bert", values["TRAINING_ID"]);
  EXPECT_EQ("python3 train.py", values["TRAINING_COMMAND"]);
  EXPECT_EQ("2.000000", values["GPU_COUNT"]);
  EXPECT_EQ("4", values["NUM_LEARNERS"]);
  EXPECT_EQ("bert-learner", values["LEARNER_NAME_PREFIX"]);
  EXPECT_EQ("<from elsewhere>", values["DOWNWARD_API_POD_NAME"]);
  EXPECT_EQ("<from elsewhere>", values["DOWNWARD_API_POD_NAMESPACE"]);
  EXPECT_EQ(0U, values.count("STORAGE_DIR"));
  EXPECT_EQ(0U, values.count("MASTER_ADDR"));
}

TEST(EnvironmentTest, PutsResultsBelowTheClaimInAFolderOfTheJobsName) {
  auto values = Values(JobBuilder("bert").Results("models").Build());

  EXPECT_EQ("/mnt/results", values["RESULT_BUCKET_DIR"]);
  EXPECT_EQ("/mnt/results/bert", values["RESULT_DIR"]);
  EXPECT_EQ("/mnt/results/bert/checkpoints", values["CHECKPOINT_DIR"]);
}

TEST(EnvironmentTest, NamesTheStorageOfTheLearnerOnlyWhenThereIsOne) {
  JobBuilder job("bert");
  job->spec.storage.per_learner = v1::StorageRequest{.size = "1Gi"};

  EXPECT_EQ("/mnt/storage", Values(job.Build())["STORAGE_DIR"]);
}

TEST(EnvironmentTest, HasTheVariablesOfTheFrameworkBesideItsOwn) {
  auto values = Values(JobBuilder("bert").Pytorch().Learners(4).Build());

  EXPECT_EQ("bert-learner-0.bert-learner", values["MASTER_ADDR"]);
  EXPECT_EQ("4", values["NUM_LEARNERS"]);
}

TEST(EnvironmentTest, WritesACommandOfSeveralLinesAsOne) {
  JobBuilder job("bert");
  job->spec.command = {"bash", "-c", "a\nb"};
  job->spec.args = {"--epochs", "3"};

  EXPECT_EQ("bash -c a b --epochs 3", Values(job.Build())["TRAINING_COMMAND"]);
}

TEST(EnvironmentTest, TellsALearnerItsRole) {
  const v1::TrainingJob job =
      JobBuilder("bert")
          .Env(R"([{"name":"LR","value":"0.1"}])")
          .Role({.name = "ps"})
          .Role({.name = "worker", .replicas = 2, .env = {{{"name", "LR"}, {"value", "0.2"}}}})
          .Build();
  const v1::Roles roles(job.spec);
  std::map<std::string, std::vector<std::string>> seen;
  for (const auto& variable : LearnerEnvironment(job, roles[1])) {
    seen[variable["name"]].push_back(variable.value("value", ""));
  }

  EXPECT_THAT(seen["LR"], testing::ElementsAre("0.2")) << "of the job's it is in the place";
  EXPECT_THAT(seen["ROLE_NAME"], testing::ElementsAre("worker"));
  EXPECT_THAT(seen["ROLE_WORLD_SIZE"], testing::ElementsAre("2"));
  EXPECT_THAT(seen["NUM_LEARNERS"], testing::ElementsAre("3"));
  EXPECT_THAT(seen["LEARNER_NAME_PREFIX"], testing::ElementsAre("bert-worker"));
  EXPECT_THAT(seen["FFDL_LEARNERS_BEFORE"], testing::ElementsAre("1"));
}

TEST(EnvironmentTest, SaysNothingOfRolesWhereThereAreNone) {
  for (const auto& [name, value] : Values(JobBuilder("bert").Learners(2).Build())) {
    EXPECT_EQ(std::string::npos, name.find("ROLE")) << name;
    EXPECT_NE("FFDL_LEARNERS_BEFORE", name);
  }
}

TEST(EnvironmentTest, KeepsTheUsersVariablesInFront) {
  const v1::TrainingJob job = JobBuilder("bert").Env(R"([{"name":"LR","value":"0.1"}])").Build();
  const auto env = LearnerEnvironment(job, testing_support::FirstRole(job));

  EXPECT_EQ("LR", env.front()["name"]);
}

}  // namespace
}  // namespace ffdl::training_job
