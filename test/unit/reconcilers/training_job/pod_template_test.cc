#include "reconcilers/training_job/pod_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/training_job/elastic.h"
#include "test/support/job_builder.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;
using testing_support::JobBuilder;

const Settings kSettings{.agent_image = "localhost/ffdl:1"};

json TemplateOf(const JobBuilder& builder) {
  const v1::TrainingJob job = builder.Build();
  return LearnerPodTemplate(job, testing_support::FirstRole(job), kSettings, 3);
}

// The element of `list` with this name; null when there is none.
json Named(const json& list, const std::string& name) {
  for (const json& element : list) {
    if (element["name"] == name) return element;
  }
  return nullptr;
}

json Learner(const json& pod) { return Named(pod["spec"]["containers"], "learner"); }

TEST(PodTemplateTest, RunsTheCommandUnderTheLauncher) {
  JobBuilder job("bert");
  job->spec.args = {"--epochs", "3"};
  const json learner = Learner(TemplateOf(job));

  EXPECT_EQ(json({"/ffdl/bin/ffdl-launch", "--state", "/ffdl/state", "--", "python3", "train.py"}),
            learner["command"]);
  EXPECT_EQ(json({"--epochs", "3"}), learner["args"]);
  EXPECT_EQ("localhost/train:1", learner["image"]);
  EXPECT_EQ("/job/model-code", learner["workingDir"]);
  EXPECT_EQ("File", learner["terminationMessagePolicy"]);
}

TEST(PodTemplateTest, CarriesTheAttemptAndTheSelectorsLabels) {
  const json labels = TemplateOf(JobBuilder("bert"))["metadata"]["labels"];

  EXPECT_EQ("3", labels["ffdl.io/attempt"]);
  EXPECT_EQ("bert", labels["ffdl.io/job"]);
  EXPECT_EQ("learner", labels["ffdl.io/role"]);
  EXPECT_EQ("ffdl-operator", labels["app.kubernetes.io/managed-by"]);
}

TEST(PodTemplateTest, RemembersHowManyLearnersAnElasticAttemptBeganWith) {
  const JobBuilder fixed = JobBuilder("bert").Learners(2);
  EXPECT_FALSE(TemplateOf(fixed)["metadata"]["labels"].contains("ffdl.io/learners"));

  JobBuilder job = JobBuilder("bert").Learners(2).Elastic(1, 4);
  const json began = TemplateOf(job);
  EXPECT_EQ("2", began["metadata"]["labels"]["ffdl.io/learners"]);
  EXPECT_EQ("2", Named(Learner(began)["env"], "NUM_LEARNERS")["value"]);

  k8s::StatefulSet set;
  set.template_labels = began["metadata"]["labels"].get<k8s::Labels>();
  job.Learners(4);
  const v1::TrainingJob later = AsItBegan(job.Build(), set);
  EXPECT_EQ(began, LearnerPodTemplate(later, testing_support::FirstRole(later), kSettings, 3));
}

TEST(PodTemplateTest, GivesLearnersNoToken) {
  const json spec = TemplateOf(
      JobBuilder("bert").PodTemplate(R"({"spec":{"automountServiceAccountToken":true}})"))["spec"];

  EXPECT_EQ(false, spec["automountServiceAccountToken"]);
  EXPECT_EQ(false, spec["enableServiceLinks"]);
}

TEST(PodTemplateTest, AsksForTheSameAmountsAsItMayUse) {
  JobBuilder job("bert");
  job->spec.resources = {.cpu = "500m", .memory = "1Gi", .gpus = 2, .shared_memory = "256Mi"};
  const json pod = TemplateOf(job);
  const json amounts = {{"cpu", "500m"}, {"memory", "1Gi"}, {"nvidia.com/gpu", "2"}};

  EXPECT_EQ(amounts, Learner(pod)["resources"]["requests"]);
  EXPECT_EQ(amounts, Learner(pod)["resources"]["limits"]);
  EXPECT_EQ(json({{"medium", "Memory"}, {"sizeLimit", "256Mi"}}),
            Named(pod["spec"]["volumes"], "ffdl-shm")["emptyDir"]);
  EXPECT_EQ("/dev/shm", Named(Learner(pod)["volumeMounts"], "ffdl-shm")["mountPath"]);
}

TEST(PodTemplateTest, AsksForNothingWhenNothingIsAsked) {
  EXPECT_FALSE(Learner(TemplateOf(JobBuilder("bert"))).contains("resources"));
}

TEST(PodTemplateTest, MountsTheResultsClaim) {
  JobBuilder job("bert");
  job.Results("models");
  job->spec.results->sub_path = "nlp";
  const json pod = TemplateOf(job);

  EXPECT_EQ("models",
            Named(pod["spec"]["volumes"], "ffdl-results")["persistentVolumeClaim"]["claimName"]);
  EXPECT_EQ(json({{"name", "ffdl-results"}, {"mountPath", "/mnt/results"}, {"subPath", "nlp"}}),
            Named(Learner(pod)["volumeMounts"], "ffdl-results"));
}

TEST(PodTemplateTest, SharesTheStateDirectoryWhenThereIsASharedClaim) {
  JobBuilder job("bert");
  EXPECT_TRUE(Named(TemplateOf(job)["spec"]["volumes"], "ffdl-job").contains("emptyDir"));

  job->spec.storage.shared = v1::StorageRequest{.size = "1Gi"};
  EXPECT_EQ("bert-shared", Named(TemplateOf(job)["spec"]["volumes"],
                                 "ffdl-job")["persistentVolumeClaim"]["claimName"]);
}

TEST(PodTemplateTest, CompletesTheUsersLearnerContainerAndKeepsTheRest) {
  const json pod = TemplateOf(JobBuilder("bert").PodTemplate(R"({
    "metadata": {"labels": {"team": "nlp", "ffdl.io/job": "mine"}, "annotations": {"a": "b"}},
    "spec": {
      "nodeSelector": {"zone": "a"},
      "securityContext": {"runAsUser": 1000},
      "volumes": [{"name": "cache", "emptyDir": {}}],
      "initContainers": [{"name": "warm-up", "image": "x"}],
      "containers": [
        {"name": "watcher", "image": "y"},
        {"name": "learner", "image": "ignored", "workingDir": "/src", "stdin": true,
         "env": [{"name": "RANK_FILE", "value": "r"}, {"name": "DATA_DIR", "value": "mine"}],
         "resources": {"requests": {"ephemeral-storage": "1Gi"}},
         "securityContext": {"runAsUser": 7},
         "volumeMounts": [{"name": "cache", "mountPath": "/cache"}]}]}})"));
  const json& spec = pod["spec"];
  const json learner = Learner(pod);

  EXPECT_EQ("nlp", pod["metadata"]["labels"]["team"]);
  EXPECT_EQ("bert", pod["metadata"]["labels"]["ffdl.io/job"]) << "the selector's labels are ours";
  EXPECT_EQ("b", pod["metadata"]["annotations"]["a"]);
  EXPECT_EQ("a", spec["nodeSelector"]["zone"]);
  EXPECT_EQ(1000, spec["securityContext"]["runAsUser"]);
  EXPECT_EQ("RuntimeDefault", spec["securityContext"]["seccompProfile"]["type"]);
  EXPECT_EQ("setup", spec["initContainers"][0]["name"]) << "setup comes first";
  EXPECT_EQ("warm-up", spec["initContainers"][1]["name"]);
  EXPECT_EQ(2U, spec["containers"].size());
  EXPECT_EQ("localhost/train:1", learner["image"]);
  EXPECT_EQ("/src", learner["workingDir"]);
  EXPECT_EQ(true, learner["stdin"]);
  EXPECT_EQ(json({{"runAsUser", 7}}), learner["securityContext"]);
  EXPECT_EQ("r", Named(learner["env"], "RANK_FILE")["value"]);
  EXPECT_EQ("/job/data", Named(learner["env"], "DATA_DIR")["value"]);
  EXPECT_EQ("1Gi", learner["resources"]["requests"]["ephemeral-storage"]);
  EXPECT_EQ("/cache", Named(learner["volumeMounts"], "cache")["mountPath"]);
}

TEST(PodTemplateTest, LeavesNonsenseToTheApiServerWithoutFailing) {
  for (const char* nonsense :
       {R"([])", R"({"spec": 3})", R"({"spec": {"containers": {}}})",
        R"({"spec": {"containers": [1, {"name": 2}]}, "metadata": {"labels": []}})",
        R"({"spec": {"containers": [{"name": "learner", "env": [1], "resources": []}]}})"}) {
    EXPECT_FALSE(Learner(TemplateOf(JobBuilder("bert").PodTemplate(nonsense))).is_null())
        << nonsense;
  }
}

TEST(PodTemplateTest, GivesLearnersTheTimeToWriteACheckpoint) {
  JobBuilder job("bert");
  job->spec.pod_template["spec"]["terminationGracePeriodSeconds"] = 5;
  EXPECT_EQ(5, TemplateOf(job)["spec"]["terminationGracePeriodSeconds"]);
  job->spec.checkpoint = v1::Checkpoint{.grace_period_seconds = 300};
  EXPECT_EQ(300, TemplateOf(job)["spec"]["terminationGracePeriodSeconds"]);
  EXPECT_FALSE(Learner(TemplateOf(job)).contains("lifecycle"));
}

TEST(PodTemplateTest, RunsTheCheckpointCommandBesideTheProgram) {
  JobBuilder job("bert");
  job->spec.checkpoint = v1::Checkpoint{.command = {"save", "--now"}};
  EXPECT_EQ(json({"/ffdl/bin/ffdl-launch", "--state", "/ffdl/state", "--if-training", "--", "save",
                  "--now"}),
            Learner(TemplateOf(job))["lifecycle"]["preStop"]["exec"]["command"]);
}

TEST(PodTemplateTest, WatchesTheProgressOfTheProgram) {
  JobBuilder job("bert");
  EXPECT_FALSE(Learner(TemplateOf(job)).contains("readinessProbe"));
  job->spec.progress = v1::Progress{.timeout_seconds = 60};
  EXPECT_EQ(
      (json{
          {"exec",
           {{"command", {"/ffdl/bin/ffdl-launch", "--state", "/ffdl/state", "--check-progress"}}}},
          {"periodSeconds", 6},
          {"timeoutSeconds", 10},
          {"failureThreshold", 2}}),
      Learner(TemplateOf(job))["readinessProbe"]);
  EXPECT_EQ((json{"/ffdl/bin/ffdl-launch", "--state", "/ffdl/state", "--progress-timeout", "60",
                  "--", "python3", "train.py"}),
            Learner(TemplateOf(job))["command"]);
  job->spec.progress->timeout_seconds = 86400;
  job->spec.progress->on_timeout = v1::HangAction::kFail;
  EXPECT_EQ(30, Learner(TemplateOf(job))["readinessProbe"]["periodSeconds"]);
  EXPECT_THAT(Learner(TemplateOf(job))["command"], testing::Contains("--end-when-hung"));
}

json NodeTerms(const JobBuilder& job) {
  return TemplateOf(job)["spec"]["affinity"]["nodeAffinity"]
                        ["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
}

json Without(const char* node) {
  return {{"key", "metadata.name"}, {"operator", "NotIn"}, {"values", {node}}};
}

TEST(PodTemplateTest, LeavesOutTheNodesThatAreAvoided) {
  JobBuilder job("bert");
  job->status.avoided_nodes = {"gpu-1", "gpu-2"};
  EXPECT_EQ(json::array({{{"matchFields", {Without("gpu-1"), Without("gpu-2")}}}}), NodeTerms(job));
}

// The terms are alternatives.
TEST(PodTemplateTest, LeavesAvoidedNodesOutOfEachTermOfTheUser) {
  const json fast = {{{"key", "disk"}, {"operator", "In"}, {"values", {"ssd"}}}};
  const json near = {{{"key", "zone"}, {"operator", "In"}, {"values", {"a"}}}};
  JobBuilder job("bert");
  job->spec.pod_template["spec"]["affinity"]["nodeAffinity"]
                        ["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"] = {
      {{"matchExpressions", fast}}, {{"matchExpressions", near}}};
  job->status.avoided_nodes = {"gpu-1"};
  EXPECT_EQ(
      json::array({{{"matchExpressions", fast}, {"matchFields", json::array({Without("gpu-1")})}},
                   {{"matchExpressions", near}, {"matchFields", json::array({Without("gpu-1")})}}}),
      NodeTerms(job));
}

// The kubelet would refuse a pod that is bound to a node it must avoid.
TEST(PodTemplateTest, AvoidsNothingWhereTheUserChoseTheNode) {
  JobBuilder job("bert");
  job->spec.pod_template["spec"]["nodeName"] = "gpu-1";
  job->status.avoided_nodes = {"gpu-1"};
  EXPECT_FALSE(TemplateOf(job)["spec"].contains("affinity"));
}

}  // namespace
}  // namespace ffdl::training_job
