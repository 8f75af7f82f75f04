#include "reconcilers/training_job/frameworks.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crds/v1/json.h"
#include "crds/v1/names.h"
#include "operator/agent/environment.h"
#include "reconcilers/training_job/environment.h"
#include "test/support/job_builder.h"
#include "test/unit/crds/crd_schema.h"

namespace ffdl::training_job {
namespace {

using testing::HasSubstr;
using testing_support::JobBuilder;
using v1::FrameworkName;
using Values = std::map<std::string, std::string>;

// What the program of a learner sees of its framework: the pod's variables, completed by
// ffdl-launch.
Values SeenBy(int learner, const v1::TrainingJob& job) {
  const v1::Roles roles(job.spec);
  const v1::RoleView& role = roles.Of(learner);
  const std::string pod = v1::RoleSetName(job.meta.key.name, role.name) + "-" +
                          std::to_string(learner - role.before - 1);
  std::vector<std::string> entries;
  for (const auto& variable : LearnerEnvironment(job, role)) {
    const std::string name = variable["name"];
    entries.push_back(name + "=" +
                      (name == "DOWNWARD_API_POD_NAME" ? pod : variable.value("value", "")));
  }
  const agent::Environment program = agent::ProgramEnvironment(
      agent::Environment(entries), [](const std::string&) { return false; });
  Values seen;
  for (const auto& variable : FrameworkVariables(job, role)) {
    std::string name = variable["name"];
    if (name.starts_with(kPerLearnerPrefix)) name.erase(0, kPerLearnerPrefix.size());
    seen[name] = program.GetOrEmpty(name);
  }
  return seen;
}

TEST(FrameworksTest, GiveACustomProgramNothing) {
  EXPECT_EQ(Values{}, SeenBy(1, JobBuilder("bert").Learners(4).Build()));
}

TEST(FrameworksTest, LetPytorchAndTorchrunMeetAtTheFirstLearner) {
  const Values want = {{"MASTER_ADDR", "bert-learner-0.bert-learner"},
                       {"MASTER_PORT", "29500"},
                       {"WORLD_SIZE", "4"},
                       {"RANK", "2"},
                       {"PET_NNODES", "4"},
                       {"PET_NPROC_PER_NODE", "1"},
                       {"PET_NODE_RANK", "2"},
                       {"PET_MASTER_ADDR", "bert-learner-0.bert-learner"},
                       {"PET_MASTER_PORT", "29500"}};

  EXPECT_EQ(want, SeenBy(3, JobBuilder("bert").Pytorch().Learners(4).Build()));
}

TEST(FrameworksTest, LetTorchrunStartAProcessForEachGpu) {
  EXPECT_EQ("8", SeenBy(1, JobBuilder("bert").Pytorch().Gpus(8).Build())["PET_NPROC_PER_NODE"]);
}

TEST(FrameworksTest, LetTorchrunOfAnElasticJobSeeToRanksAndMeetAtTheFirstLearner) {
  JobBuilder job = JobBuilder("bert").Pytorch().Learners(4).Gpus(8).Elastic(2, 6);
  Values want = {
      {"PET_NNODES", "2:6"},
      {"PET_NPROC_PER_NODE", "8"},
      {"PET_MAX_RESTARTS", "10"},
      {"PET_RDZV_BACKEND", "c10d"},
      {"PET_RDZV_ENDPOINT", "bert-learner-0.bert-learner:29500"},
      {"PET_RDZV_ID", "bert"},
      {"PET_RDZV_CONF", "is_host=true,read_timeout=900,join_timeout=86400,last_call_timeout=30"}};
  EXPECT_EQ(want, SeenBy(1, job.Build()));

  job->spec.elastic->torchrun = v1::Torchrun{.max_restarts = 100, .last_call_seconds = 5};
  want["PET_MAX_RESTARTS"] = "100";
  want["PET_RDZV_CONF"] = "is_host=false,read_timeout=900,join_timeout=86400,last_call_timeout=5";
  EXPECT_EQ(want, SeenBy(4, job.Build()));
}

TEST(FrameworksTest, GiveAnElasticCustomProgramNothing) {
  EXPECT_EQ(Values{}, SeenBy(1, JobBuilder("bert").Learners(2).Elastic(1, 4).Build()));
}

TEST(FrameworksTest, MakeEachLearnerAWorkerOfTensorflow) {
  const Values want = {{"TF_CONFIG",
                        R"({"cluster":{"worker":["bert-learner-0.bert-learner:2222",)"
                        R"("bert-learner-1.bert-learner:2222"]},)"
                        R"("task":{"type":"worker","index":1},"environment":"cloud"})"}};
  const JobBuilder bert = JobBuilder("bert").Framework(FrameworkName::kTensorflow).Learners(2);

  EXPECT_EQ(want, SeenBy(2, bert.Build()));
}

TEST(FrameworksTest, LeaveASingleLearnerOfTensorflowOnItsOwn) {
  EXPECT_EQ(Values{}, SeenBy(1, JobBuilder("bert").Framework(FrameworkName::kTensorflow).Build()));
}

TEST(FrameworksTest, LetJaxMeetAtTheFirstLearner) {
  const Values want = {{"JAX_COORDINATOR_ADDRESS", "bert-learner-0.bert-learner:6666"},
                       {"JAX_NUM_PROCESSES", "3"},
                       {"JAX_PROCESS_ID", "2"},
                       {"COORDINATOR_ADDRESS", "bert-learner-0.bert-learner"},
                       {"COORDINATOR_PORT", "6666"},
                       {"NUM_PROCESSES", "3"},
                       {"PROCESS_ID", "2"}};

  EXPECT_EQ(want, SeenBy(3, JobBuilder("bert").Framework(FrameworkName::kJax).Learners(3).Build()));
}

TEST(FrameworksTest, TellXgboostOfItsTrackerAndItsWorkers) {
  const Values want = {
      {"MASTER_ADDR", "trees-learner-0.trees-learner"},
      {"MASTER_PORT", "9999"},
      {"WORLD_SIZE", "3"},
      {"RANK", "0"},
      {"WORKER_PORT", "9999"},
      {"WORKER_ADDRS", "trees-learner-1.trees-learner,trees-learner-2.trees-learner"},
      {"DMLC_TRACKER_URI", "trees-learner-0.trees-learner"},
      {"DMLC_TRACKER_PORT", "9999"},
      {"DMLC_NUM_WORKER", "3"},
      {"DMLC_TASK_ID", "0"}};
  JobBuilder trees = JobBuilder("trees").Framework(FrameworkName::kXgboost).Learners(3);

  EXPECT_EQ(want, SeenBy(1, trees.Build()));
  EXPECT_EQ(0U, SeenBy(1, trees.Learners(1).Build()).count("WORKER_ADDRS"));
}

// A parameter server, two workers and an evaluator.
v1::TrainingJob JobOfRoles(FrameworkName framework) {
  return JobBuilder("mnist")
      .Framework(framework)
      .Role({.name = "ps"})
      .Role({.name = "worker", .replicas = 2})
      .Role({.name = "evaluator"})
      .Build();
}

TEST(FrameworksTest, GiveTensorflowAClusterOfItsRolesAndEachLearnerItsTask) {
  const v1::TrainingJob job = JobOfRoles(FrameworkName::kTensorflow);
  const std::string cluster =
      R"({"cluster":{"ps":["mnist-ps-0.mnist-learner:2222"],)"
      R"("worker":["mnist-worker-0.mnist-learner:2222","mnist-worker-1.mnist-learner:2222"]},)";

  EXPECT_EQ(cluster + R"("task":{"type":"ps","index":0},"environment":"cloud"})",
            SeenBy(1, job)["TF_CONFIG"]);
  EXPECT_EQ(cluster + R"("task":{"type":"worker","index":1},"environment":"cloud"})",
            SeenBy(3, job)["TF_CONFIG"]);
  EXPECT_EQ(cluster + R"("task":{"type":"evaluator","index":0},"environment":"cloud"})",
            SeenBy(4, job)["TF_CONFIG"])
      << "it has a task, but no place in the cluster";
}

TEST(FrameworksTest, CountRanksOverAllRoles) {
  const Values third = SeenBy(3, JobOfRoles(FrameworkName::kPytorch));

  EXPECT_EQ("mnist-ps-0.mnist-learner", third.at("MASTER_ADDR"));
  EXPECT_EQ("4", third.at("WORLD_SIZE"));
  EXPECT_EQ("2", third.at("RANK"));
}

TEST(FrameworksTest, NameTheOthersOfAllRolesToXgboost) {
  EXPECT_EQ(
      "mnist-worker-0.mnist-learner,mnist-worker-1.mnist-learner,mnist-evaluator-0.mnist-learner",
      SeenBy(2, JobOfRoles(FrameworkName::kXgboost))["WORKER_ADDRS"]);
}

TEST(FrameworksTest, UseTheNamesThatALongJobNameGets) {
  const std::string job(63, 'b');
  const std::string service = v1::LearnersName(job);

  EXPECT_EQ(service + "-0." + service, SeenBy(1, JobBuilder(job).Pytorch().Build())["MASTER_ADDR"]);
}

TEST(FrameworksTest, StaySmallInTheStatefulSetAndBelowTheLimitOfLinuxInTheProgram) {
  constexpr std::size_t kVariableBytesMax = std::size_t{128} << 10U;
  for (const FrameworkEnvironment& framework : FrameworkEnvironments()) {
    const v1::TrainingJob job =
        JobBuilder(std::string(63, 'b')).Framework(framework.framework).Learners(1000).Build();
    EXPECT_LT(FrameworkVariables(job, testing_support::FirstRole(job)).dump().size(), 1500U)
        << framework.port_name;
    for (const auto& [name, value] : SeenBy(1000, job)) {
      EXPECT_LT(name.size() + value.size() + 2, kVariableBytesMax) << name;
    }
  }
}

// The names in the list of a rule.
std::set<std::string> NamesIn(const std::string& rule) {
  std::set<std::string> names;
  for (std::size_t begin = rule.find('\''); begin != std::string::npos;) {
    const std::size_t end = rule.find('\'', begin + 1);
    names.insert(rule.substr(begin + 1, end - begin - 1));
    begin = rule.find('\'', end + 1);
  }
  return names;
}

test::Schema RuleThatBegins(const test::Schema& spec, const std::string& begin) {
  for (const test::Schema& rule : spec["x-kubernetes-validations"]) {
    if (rule["rule"].get<std::string>().starts_with(begin)) return rule;
  }
  return {{"rule", ""}, {"message", ""}};
}

// The rule of the schema about the variables of one framework.
test::Schema RuleFor(const test::Schema& spec, std::string_view framework) {
  return RuleThatBegins(spec, fmt::format("self.framework.name != '{}'", framework));
}

TEST(FrameworksTest, SetNoVariableThatTheSchemaLetsUsersSet) {
  const test::Schema crd = test::LoadCrd();
  const test::Schema& spec = test::RootSchema(crd)["properties"]["spec"];
  const test::Schema& name = spec["properties"]["env"]["items"]["properties"]["name"];
  const std::set<std::string> always = NamesIn(name["x-kubernetes-validations"][1]["rule"]);
  for (const FrameworkEnvironment& framework : FrameworkEnvironments()) {
    const test::Schema rule = RuleFor(spec, v1::ToString(framework.framework));
    const std::set<std::string> refused = NamesIn(rule["rule"]);
    for (const FrameworkVariable& variable : framework.variables) {
      const std::string text(variable.name);
      if (always.contains(text)) continue;
      EXPECT_TRUE(refused.contains(text)) << text << " of " << framework.port_name;
      EXPECT_THAT(rule["message"].get<std::string>(), HasSubstr(text));
    }
  }
}

TEST(FrameworksTest, SetNoVariableThatTheSchemaLetsUsersOfElasticJobsSet) {
  const test::Schema crd = test::LoadCrd();
  const test::Schema& spec = test::RootSchema(crd)["properties"]["spec"];
  const test::Schema rule = RuleThatBegins(spec, "!has(self.elastic) || !has(self.env)");
  std::set<std::string> refused = NamesIn(RuleFor(spec, "pytorch")["rule"]);
  refused.merge(NamesIn(rule["rule"]));
  std::size_t variables = 0;
  for (const FrameworkEnvironment& framework : FrameworkEnvironments()) {
    for (const FrameworkVariable& variable : framework.elastic_variables) {
      EXPECT_TRUE(refused.contains(std::string(variable.name))) << variable.name;
      ++variables;
    }
  }
  EXPECT_GT(variables, 5U);
}

// Linux hands a program no variable beyond 128 KiB (MAX_ARG_STRLEN in its include/linux/binfmts.h),
// so that the schema allows such a framework no more learners than this, however long their names.
TEST(FrameworksTest, HandOverTheHostsOfAllLearnersThatTheSchemaAllows) {
  constexpr std::size_t kVariableBytesMax = 128U << 10U;
  for (const FrameworkName framework : {FrameworkName::kTensorflow, FrameworkName::kXgboost}) {
    JobBuilder job = JobBuilder(std::string(63, 'a')).Framework(framework);
    for (const auto& [name, value] : SeenBy(1, job.Learners(v1::kListedLearnersMax).Build())) {
      EXPECT_LT(name.size() + 1 + value.size() + 1, kVariableBytesMax) << name;
    }
  }
}

TEST(FrameworksTest, NeedNoLimitWhereLearnersMeetAtTheFirst) {
  for (const FrameworkName framework : {FrameworkName::kPytorch, FrameworkName::kJax}) {
    JobBuilder job = JobBuilder(std::string(63, 'a')).Framework(framework);
    for (const auto& [name, value] : SeenBy(1, job.Learners(v1::kLearnersMax).Build())) {
      EXPECT_LT(value.size(), 256U) << name;
    }
  }
}

}  // namespace
}  // namespace ffdl::training_job
