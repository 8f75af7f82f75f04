#include "reconcilers/training_job/scheduling.h"

#include <gtest/gtest.h>

#include "reconcilers/training_job/pod_template.h"
#include "test/support/job_builder.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;
using testing_support::JobBuilder;

json PodOf(const JobBuilder& builder) {
  const v1::TrainingJob job = builder.Build();
  return LearnerPodTemplate(job, testing_support::FirstRole(job), {}, 3)["spec"];
}

const json kLearnersOfTheAttempt = {
    {"matchLabels", {{"ffdl.io/job", "bert"}, {"ffdl.io/attempt", "3"}}}};

TEST(SchedulingTest, AddsNothingWhenNothingIsAsked) {
  const json pod = PodOf(JobBuilder("bert"));

  for (const char* const field : {"priorityClassName", "nodeSelector", "tolerations", "affinity",
                                  "topologySpreadConstraints"}) {
    EXPECT_FALSE(pod.contains(field)) << field;
  }
}

TEST(SchedulingTest, IsPartOfThePod) {
  JobBuilder job("bert");
  job->spec.scheduling = {
      .priority_class_name = "research",
      .node_selector = {{"disk", "ssd"}},
      .tolerations = json::parse(R"([{"key": "dedicated", "operator": "Exists"}])")};
  const json pod = PodOf(job);

  EXPECT_EQ("research", pod["priorityClassName"]);
  EXPECT_EQ(json({{"disk", "ssd"}}), pod["nodeSelector"]);
  EXPECT_EQ(job->spec.scheduling.tolerations, pod["tolerations"]);
}

TEST(SchedulingTest, IsAddedToThePodTemplate) {
  JobBuilder job = JobBuilder("bert").PodTemplate(
      R"({"spec": {"nodeSelector": {"arch": "arm"}, "tolerations": [{"key": "a"}]}})");
  job->spec.scheduling = {.node_selector = {{"disk", "ssd"}},
                          .tolerations = json::parse(R"([{"key": "b"}])")};
  const json pod = PodOf(job);

  EXPECT_EQ(json({{"arch", "arm"}, {"disk", "ssd"}}), pod["nodeSelector"]);
  EXPECT_EQ(json::parse(R"([{"key": "a"}, {"key": "b"}])"), pod["tolerations"]);
}

TEST(SchedulingTest, CountsForMoreThanTheLabelsOfAGpuType) {
  JobBuilder job = JobBuilder("bert").Gpus(1);
  job->spec.resources.gpu_type = "h200";
  job->status.gpu_types = {{.type = "h200",
                            .resource = "nvidia.com/gpu",
                            .node_selector = {{"gpu", "H200"}, {"pool", "a"}}}};
  job->spec.scheduling = {.node_selector = {{"gpu", "H200-NVL"}}};

  EXPECT_EQ(json({{"gpu", "H200-NVL"}, {"pool", "a"}}), PodOf(job)["nodeSelector"]);
}

TEST(SchedulingTest, PacksLearnersOnNodes) {
  JobBuilder job("bert");
  job->spec.scheduling.placement = v1::Placement::kPack;
  const json want = {
      {{"weight", 100},
       {"podAffinityTerm",
        {{"topologyKey", "kubernetes.io/hostname"}, {"labelSelector", kLearnersOfTheAttempt}}}}};

  EXPECT_EQ(
      want,
      PodOf(job)["affinity"]["podAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]);
}

TEST(SchedulingTest, SpreadsLearnersOverWhateverIsNamed) {
  JobBuilder job("bert");
  job->spec.scheduling = {.placement = v1::Placement::kSpread, .topology_key = "example.com/rack"};
  const json want = {{{"maxSkew", 1},
                      {"topologyKey", "example.com/rack"},
                      {"whenUnsatisfiable", "ScheduleAnyway"},
                      {"labelSelector", kLearnersOfTheAttempt}}};

  EXPECT_EQ(want, PodOf(job)["topologySpreadConstraints"]);
}

TEST(SchedulingTest, KeepsTheWishesOfThePodTemplate) {
  JobBuilder pack = JobBuilder("bert").PodTemplate(
      R"({"spec": {"affinity": {"nodeAffinity": {"a": 1}, "podAffinity":
          {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1}]}}}})");
  pack->spec.scheduling.placement = v1::Placement::kPack;
  const json affinity = PodOf(pack)["affinity"];
  EXPECT_TRUE(affinity.contains("nodeAffinity"));
  EXPECT_EQ(2U, affinity["podAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"].size());

  JobBuilder spread = JobBuilder("bert").PodTemplate(
      R"({"spec": {"topologySpreadConstraints": [
          {"maxSkew": 2, "topologyKey": "kubernetes.io/hostname",
           "whenUnsatisfiable": "ScheduleAnyway"}, 7]}})");
  spread->spec.scheduling.placement = v1::Placement::kSpread;
  EXPECT_EQ(2U, PodOf(spread)["topologySpreadConstraints"].size());
  spread->spec.scheduling.topology_key = "zone";
  EXPECT_EQ(3U, PodOf(spread)["topologySpreadConstraints"].size());
}

}  // namespace
}  // namespace ffdl::training_job
