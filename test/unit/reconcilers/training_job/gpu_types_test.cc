#include "reconcilers/training_job/gpu_types.h"

#include <gmock/gmock.h>

#include <map>

#include "crds/v1/names.h"
#include "reconcilers/training_job/image.h"
#include "reconcilers/training_job/plan.h"
#include "test/support/job_builder.h"
#include "test/unit/reconcilers/training_job/planned.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing_support::JobBuilder;

const Settings kSettings{.agent_image = "localhost/ffdl:1", .gpu_resource = "nvidia.com/gpu"};
const v1::GpuType kH200{.type = "h200",
                        .resource = "nvidia.com/gpu",
                        .node_selector = {{"gpu", "H200"}},
                        .taints = {"nvidia.com/gpu:NoSchedule", "team=vision:NoExecute"}};
const v1::GpuType kAmd{.type = "amd", .resource = "amd.com/gpu"};
const v1::FrameworkCatalogue kCatalogue{.gpu_types = {{"h200", kH200}, {"amd", kAmd}}};

JobBuilder Bert(const char* type = "h200") {
  JobBuilder job = JobBuilder("bert").Gpus(2);
  job->spec.resources.gpu_type = type;
  return job;
}

k8s::Plan Pass(const JobBuilder& job, const Observed& observed = {}) {
  return Decide(job.Build(), observed, kSettings, {});
}

// The pods' specs of the StatefulSets that the plan applies, by name.
std::map<std::string, json> PodsApplied(const k8s::Plan& plan) {
  std::map<std::string, json> pods;
  for (const k8s::Action& action : plan.actions) {
    if (action.type != k8s::kStatefulSetType) continue;
    pods[action.key.name] = action.body["spec"]["template"]["spec"];
  }
  return pods;
}

json LimitsOf(const json& pod) { return pod["containers"][0]["resources"]["limits"]; }

TEST(GpuTypesTest, AreWrittenDownBeforeAnythingIsMade) {
  const k8s::Plan plan = Pass(Bert(), {.catalogue = kCatalogue});

  EXPECT_TRUE(plan.actions.empty());
  EXPECT_EQ(json::parse(R"([{"type": "h200", "resource": "nvidia.com/gpu",
                             "nodeSelector": {"gpu": "H200"},
                             "taints": ["nvidia.com/gpu:NoSchedule", "team=vision:NoExecute"]}])"),
            StatusOf(plan)["gpuTypes"]);
  EXPECT_EQ("Pending", StatusOf(plan)["state"]);
  EXPECT_EQ("GpuTypeChosen", ReadyOf(plan)["reason"]);
  EXPECT_EQ(
      "the catalogue of frameworks says which GPUs are asked for: 'h200' is `nvidia.com/gpu` "
      "on nodes with its labels",
      ReadyOf(plan)["message"]);
}

TEST(GpuTypesTest, SayWhatIsAskedForAndWhere) {
  JobBuilder job = Bert();
  job->status.gpu_types = {kH200};
  const json pod = PodsApplied(Pass(job))["bert-learner"];

  EXPECT_EQ(json({{"nvidia.com/gpu", "2"}}), LimitsOf(pod));
  EXPECT_EQ(json({{"gpu", "H200"}}), pod["nodeSelector"]);
  EXPECT_EQ(json::parse(R"([{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
                            {"key": "team", "operator": "Equal", "value": "vision",
                             "effect": "NoExecute"}])"),
            pod["tolerations"]);
}

TEST(GpuTypesTest, MayBeOfAnotherResource) {
  JobBuilder job = Bert("amd");
  job->status.gpu_types = {kAmd};
  const json pod = PodsApplied(Pass(job))["bert-learner"];

  EXPECT_EQ(json({{"amd.com/gpu", "2"}}), LimitsOf(pod));
  EXPECT_FALSE(pod.contains("nodeSelector"));
  EXPECT_FALSE(pod.contains("tolerations"));
}

TEST(GpuTypesTest, AreAddedToThePodTemplateWhichCountsForMore) {
  JobBuilder job = Bert().PodTemplate(
      R"({"spec": {"nodeSelector": {"gpu": "mine", "disk": "ssd"},
                   "tolerations": [{"key": "a", "operator": "Exists"}]}})");
  job->status.gpu_types = {kH200};
  const json pod = PodsApplied(Pass(job))["bert-learner"];

  EXPECT_EQ(json({{"gpu", "mine"}, {"disk", "ssd"}}), pod["nodeSelector"]);
  EXPECT_EQ(3U, pod["tolerations"].size());
  EXPECT_EQ("a", pod["tolerations"][0]["key"]);
}

TEST(GpuTypesTest, StandAFieldOfThePodTemplateThatIsNoList) {
  JobBuilder job = Bert().PodTemplate(R"({"spec": {"tolerations": "all"}})");
  job->status.gpu_types = {kH200};

  EXPECT_EQ(2U, PodsApplied(Pass(job))["bert-learner"]["tolerations"].size());
}

TEST(GpuTypesTest, AreEachRolesOwn) {
  JobBuilder job =
      JobBuilder("bert")
          .Role({.name = "ps"})
          .Role({.name = "worker", .resources = v1::Resources{.gpus = 1, .gpu_type = "h200"}})
          .Role({.name = "judge", .resources = v1::Resources{.gpus = 1, .gpu_type = "amd"}})
          .Role({.name = "helper", .resources = v1::Resources{.gpus = 1, .gpu_type = "h200"}});
  const json chosen = StatusOf(Pass(job, {.catalogue = kCatalogue}))["gpuTypes"];
  ASSERT_EQ(2U, chosen.size());
  EXPECT_EQ("h200", chosen[0]["type"]);
  EXPECT_EQ("amd", chosen[1]["type"]);

  job->status.gpu_types = {kH200, kAmd};
  auto pods = PodsApplied(Pass(job));
  EXPECT_FALSE(pods["bert-ps"].contains("nodeSelector"));
  EXPECT_EQ(json({{"nvidia.com/gpu", "1"}}), LimitsOf(pods["bert-worker"]));
  EXPECT_EQ(json({{"amd.com/gpu", "1"}}), LimitsOf(pods["bert-judge"]));
}

TEST(GpuTypesTest, StayWhateverBecomesOfTheCatalogue) {
  JobBuilder job = Bert();
  job->status.gpu_types = {kH200};
  v1::GpuType changed = kH200;
  changed.node_selector = {{"gpu", "other"}};
  const k8s::Plan plan = Pass(job, {.catalogue = {.gpu_types = {{"h200", changed}}}});

  EXPECT_EQ(json({{"gpu", "H200"}}), PodsApplied(plan)["bert-learner"]["nodeSelector"]);
  EXPECT_EQ("H200", StatusOf(plan)["gpuTypes"][0]["nodeSelector"]["gpu"]);
}

TEST(GpuTypesTest, AreLookedUpAnewAfterAnEditOfTheJob) {
  JobBuilder job = Bert("amd");
  job->status.gpu_types = {kH200};
  job->status.attempt = 2;
  const json chosen = StatusOf(Pass(job, {.catalogue = kCatalogue}))["gpuTypes"];

  ASSERT_EQ(1U, chosen.size());
  EXPECT_EQ("amd.com/gpu", chosen[0]["resource"]);
}

TEST(GpuTypesTest, AreForgottenWhenNobodyAsksForThem) {
  JobBuilder job = JobBuilder("bert").Gpus(1);
  job->status.gpu_types = {kH200};
  const k8s::Plan plan = Pass(job);

  EXPECT_FALSE(StatusOf(plan).contains("gpuTypes"));
  EXPECT_EQ(1U, PodsApplied(plan).size());
}

TEST(GpuTypesTest, ChangeNoLearnersThatRun) {
  JobBuilder job = Bert("amd");
  job->status.gpu_types = {kH200};
  job->status.attempt = 1;
  const k8s::Plan plan =
      Pass(job, {.learner_sets = {FirstLearnerSet(job.Build(), 1)}, .catalogue = kCatalogue});

  EXPECT_TRUE(PodsApplied(plan).empty());
  EXPECT_EQ("h200", StatusOf(plan)["gpuTypes"][0]["type"]);
}

TEST(GpuTypesTest, ThatNobodyKnowsAreWaitedFor) {
  const k8s::Plan plan = Pass(Bert("b300"), {.catalogue = kCatalogue});

  EXPECT_TRUE(plan.actions.empty());
  EXPECT_EQ("GpuTypeUnknown", ReadyOf(plan)["reason"]);
  EXPECT_EQ("False", ReadyOf(plan)["status"]);
  EXPECT_EQ("Pending", StatusOf(plan)["state"]);
  EXPECT_EQ(
      "the `gpuType` 'b300' is not known: the catalogue of frameworks has 'amd', 'h200'; ask "
      "who runs the cluster to add 'gpu-type.b300', or suspend the job and set another",
      ReadyOf(plan)["message"]);
  ASSERT_EQ(1U, plan.events.size());
  EXPECT_TRUE(plan.events[0].warning);
}

TEST(GpuTypesTest, ThatNobodyKnowsAreToldWithTheTroubleOfTheCatalogue) {
  const auto message = [](const v1::FrameworkCatalogue& catalogue) {
    return ReadyOf(Pass(Bert("b300"), {.catalogue = catalogue}))["message"].get<std::string>();
  };
  EXPECT_THAT(message({}),
              HasSubstr(": the catalogue of frameworks has no entry 'gpu-type.NAME';"));
  v1::FrameworkCatalogue broken{.trouble = "ConfigMap a/b is broken"};
  EXPECT_THAT(message(broken), HasSubstr("'b300' is not known: ConfigMap a/b is broken; "));
  broken.gpu_types = {{"amd", kAmd}};
  EXPECT_THAT(message(broken), HasSubstr("has 'amd' (ConfigMap a/b is broken); "));
}

TEST(GpuTypesTest, HaveTheCatalogueLookedAt) {
  JobBuilder job = Bert();
  EXPECT_TRUE(NeedsCatalogue(job.Build()));
  job->status.gpu_types = {kH200};
  EXPECT_FALSE(NeedsCatalogue(job.Build()));
  EXPECT_FALSE(NeedsCatalogue(JobBuilder("bert").Gpus(1).Build()));
}

TEST(GpuTypesTest, AreNamedToWhoWaitsForThem) {
  JobBuilder job = Bert();
  job->status.gpu_types = {kH200};
  job->status.attempt = 1;
  Observed observed{.learner_sets = {FirstLearnerSet(job.Build(), 1)}};
  k8s::Pod pod;
  pod.meta.key = {.ns = "ml", .name = "bert-learner-0"};
  pod.meta.labels = v1::RoleSelector("bert", v1::kLearnerRole);
  pod.meta.labels[std::string(v1::kAttemptLabel)] = "1";
  pod.phase = "Pending";
  pod.unscheduled_message =
      "0/3 nodes are available: 3 node(s) didn't match Pod's node "
      "affinity/selector.";
  observed.pods = {pod};

  EXPECT_EQ("WaitingForGpus", ReadyOf(Pass(job, observed))["reason"]);
  EXPECT_EQ(
      "learner 1 waits for 2 `nvidia.com/gpu` of type 'h200': 0/3 nodes are available: 3 "
      "node(s) didn't match Pod's node affinity/selector; lower `spec.resources.gpus`, add "
      "nodes with GPUs, or wait until some are free",
      ReadyOf(Pass(job, observed))["message"]);
}

}  // namespace
}  // namespace ffdl::training_job
