// What an MPI job's pods need, and its key.
#include "reconcilers/training_job/remote_shell.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "crds/v1/names.h"
#include "operator/agent/remote/mpi.h"
#include "operator/agent/template.h"
#include "reconcilers/training_job/frameworks.h"
#include "reconcilers/training_job/plan.h"
#include "reconcilers/training_job/pod_template.h"
#include "test/support/job_builder.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing_support::JobBuilder;

const Settings kSettings{.agent_image = "localhost/ffdl:1"};
const std::string kKey(64, 'a');

JobBuilder MpiJob() { return JobBuilder("bert").Framework(v1::FrameworkName::kMpi).Learners(3); }

// The hostfile as ffdl-launch fills it in.
std::vector<std::string> HostsOf(const v1::TrainingJob& job) {
  const std::vector<std::string> flags = RemoteShellFlags(job);
  const v1::Roles roles(job.spec);
  std::vector<std::string> hosts;
  for (const agent::MpiHost& host :
       agent::MpiHostsIn(agent::FillTemplate(flags.at(1), {.learners = roles.learners()}))) {
    hosts.push_back(host.name + " " + host.slots);
  }
  return hosts;
}

const json* SecretOf(const k8s::Plan& plan) {
  const auto it = std::ranges::find(plan.actions, k8s::kSecretType, &k8s::Action::type);
  return it == plan.actions.end() ? nullptr : &it->body;
}

TEST(RemoteShellTest, NamesEachLearnerWithItsSlots) {
  EXPECT_THAT(HostsOf(MpiJob().Build()),
              ElementsAre("bert-learner-0.bert-learner 1", "bert-learner-1.bert-learner 1",
                          "bert-learner-2.bert-learner 1"));
  EXPECT_THAT(HostsOf(MpiJob().Learners(1).Gpus(8).Build()),
              ElementsAre("bert-learner-0.bert-learner 8"));
  JobBuilder asked = MpiJob().Learners(1).Gpus(8);
  asked->spec.framework.mpi.slots_per_learner = 2;
  EXPECT_THAT(HostsOf(asked.Build()), ElementsAre("bert-learner-0.bert-learner 2"));
}

TEST(RemoteShellTest, GivesALauncherOfItsOwnNoProcesses) {
  EXPECT_THAT(HostsOf(JobBuilder("bert")
                          .Framework(v1::FrameworkName::kHorovod)
                          .Role({.name = "launcher"})
                          .Role({.name = "worker", .replicas = 2})
                          .Build()),
              ElementsAre("bert-worker-0.bert-learner 1", "bert-worker-1.bert-learner 1"));
}

TEST(RemoteShellTest, TellsFfdlLaunchWhereItsThingsAre) {
  JobBuilder job = MpiJob();
  job->spec.framework.mpi.start_timeout_seconds = 600;
  std::vector<std::string> flags = RemoteShellFlags(job.Build());
  flags.erase(flags.begin() + 1);
  EXPECT_THAT(flags, ElementsAre("--mpi-hosts", "--mpi-dir", "/ffdl/mpi", "--mpi-key",
                                 "/ffdl-key/key", "--mpi-wait", "600"));
  EXPECT_THAT(RemoteShellFlags(JobBuilder("bert").Build()), ElementsAre());
}

TEST(RemoteShellTest, ListensOnThePortThatTheServiceNames) {
  const auto rows = FrameworkEnvironments();
  const auto mpi =
      std::ranges::find(rows, v1::FrameworkName::kMpi, &FrameworkEnvironment::framework);
  ASSERT_NE(rows.end(), mpi);
  EXPECT_EQ(agent::kMpiPort, mpi->port);
}

TEST(RemoteShellTest, MountsTheKeyForAnyUserToRead) {
  const v1::TrainingJob job = MpiJob().Build();
  const json pod = LearnerPodTemplate(job, testing_support::FirstRole(job), kSettings, 1);
  const json& volumes = pod["spec"]["volumes"];
  EXPECT_NE(volumes.end(),
            std::ranges::find(volumes, json({{"name", "ffdl-key"},
                                             {"secret",
                                              {{"secretName", v1::JobKeyName("bert", "uid-1")},
                                               {"defaultMode", 0444}}}})));
  const json& mounts = pod["spec"]["containers"][0]["volumeMounts"];
  EXPECT_NE(
      mounts.end(),
      std::ranges::find(
          mounts, json({{"name", "ffdl-key"}, {"mountPath", "/ffdl-key"}, {"readOnly", true}})));
}

TEST(RemoteShellTest, ChangesNothingForOtherFrameworks) {
  const v1::TrainingJob job = JobBuilder("bert").Pytorch().Learners(2).Build();
  const std::string pod =
      LearnerPodTemplate(job, testing_support::FirstRole(job), kSettings, 1).dump();
  EXPECT_THAT(pod, testing::Not(testing::HasSubstr("ffdl-key")));
  EXPECT_THAT(pod, testing::Not(testing::HasSubstr("--mpi")));
  EXPECT_EQ(nullptr, SecretOf(Decide(job, {}, kSettings, {})));
}

TEST(RemoteShellTest, MakesTheKeyBeforeTheLearnersOfEachAttemptAndOnlyThen) {
  v1::TrainingJob job = MpiJob().Build();
  const k8s::Plan first = Decide(job, {.new_key = kKey}, kSettings, {});
  const json* const secret = SecretOf(first);
  ASSERT_NE(nullptr, secret);
  EXPECT_EQ(kKey, (*secret)["stringData"]["key"]);
  EXPECT_EQ(true, (*secret)["immutable"]);
  EXPECT_EQ("uid-1", (*secret)["metadata"]["ownerReferences"][0]["uid"]);
  EXPECT_EQ(k8s::kStatefulSetType, first.actions.back().type) << "the learners come last";
  const auto& made = *std::ranges::find(first.actions, k8s::kSecretType, &k8s::Action::type);
  EXPECT_TRUE(made.blind) << "nobody may have to read it";

  Observed seen{.new_key = kKey};
  k8s::StatefulSet& set = seen.learner_sets[0].emplace();
  set.meta.key = {.ns = "ml", .name = "bert-learner"};
  set.meta.uid = "set";
  set.meta.owners = {{.kind = "TrainingJob", .uid = "uid-1", .controller = true}};
  set.replicas = 3;
  set.template_labels = {{std::string(v1::kAttemptLabel), "1"}};
  job.status.attempt = 1;
  EXPECT_EQ(nullptr, SecretOf(Decide(job, seen, kSettings, {})));
  job.status.attempt = 2;
  EXPECT_NE(nullptr, SecretOf(Decide(job, seen, kSettings, {})));
}

}  // namespace
}  // namespace ffdl::training_job
