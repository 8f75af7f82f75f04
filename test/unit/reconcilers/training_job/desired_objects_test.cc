#include <gtest/gtest.h>

#include "crds/v1/names.h"
#include "reconcilers/training_job/desired.h"
#include "test/support/job_builder.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;
using testing_support::JobBuilder;

const Settings kSettings{.agent_image = "localhost/ffdl:1"};

TEST(DesiredObjectsTest, AreOwnedByTheJob) {
  JobBuilder builder("bert");
  builder->spec.storage.shared = v1::StorageRequest{.size = "1Gi"};
  builder->spec.network_policy.emplace();
  builder->spec.disruption_budget.emplace();
  const v1::TrainingJob job = builder.Build();
  const json owner = {
      {"apiVersion", "ffdl.io/v1"}, {"kind", "TrainingJob"},     {"name", "bert"}, {"uid", "uid-1"},
      {"controller", true},         {"blockOwnerDeletion", true}};

  for (const json& object :
       {DesiredService(job), DesiredSharedClaim(job), DesiredNetworkPolicy(job),
        DesiredDisruptionBudget(job),
        DesiredLearners(job, testing_support::FirstRole(job), kSettings, 1, 1)}) {
    EXPECT_EQ(json::array({owner}), object["metadata"]["ownerReferences"]) << object["kind"];
    EXPECT_EQ("ml", object["metadata"]["namespace"]);
    EXPECT_EQ("bert", object["metadata"]["labels"]["ffdl.io/job"]);
  }
}

TEST(DesiredObjectsTest, ServiceIsHeadlessAndKnowsLearnersBeforeTheyAreReady) {
  const json spec = DesiredService(JobBuilder("bert").Build())["spec"];

  EXPECT_EQ("None", spec["clusterIP"]);
  EXPECT_EQ(true, spec["publishNotReadyAddresses"]);
  EXPECT_EQ(json(v1::RoleSelector("bert", v1::kLearnerRole)), spec["selector"]);
}

TEST(DesiredObjectsTest, ServiceNamesThePortsOfAllFrameworks) {
  const json spec = DesiredService(JobBuilder("bert").Build())["spec"];
  const json want = {
      {{"name", "ssh"}, {"port", 22}},        {{"name", "tf-distributed"}, {"port", 2222}},
      {{"name", "pytorch"}, {"port", 29500}}, {{"name", "jax"}, {"port", 6666}},
      {{"name", "mpi"}, {"port", 2022}},      {{"name", "xgboost"}, {"port", 9999}}};

  EXPECT_EQ(want, spec["ports"]);
}

TEST(DesiredObjectsTest, NetworkPolicyLetsLearnersInAndAlwaysToNamesAndEachOther) {
  JobBuilder builder("bert");
  builder->spec.network_policy = {.ingress = v1::Reach::kJobOnly, .egress = v1::Reach::kJobOnly};
  const json learners = {{"matchLabels", {{"ffdl.io/job", "bert"}}}};
  const json peers = json::array({{{"podSelector", learners}}});
  const json want = {{"podSelector", learners},
                     {"policyTypes", {"Ingress", "Egress"}},
                     {"ingress", json::array({{{"from", peers}}})},
                     {"egress", json::array({{{"to", peers}},
                                             {{"ports",
                                               {{{"protocol", "UDP"}, {"port", 53}},
                                                {{"protocol", "TCP"}, {"port", 53}}}}}})}};

  EXPECT_EQ(want, DesiredNetworkPolicy(builder.Build())["spec"]);
}

TEST(DesiredObjectsTest, NetworkPolicySaysNothingOfAnOpenDirection) {
  JobBuilder builder("bert");
  builder->spec.network_policy.emplace();
  const json spec = DesiredNetworkPolicy(builder.Build())["spec"];

  EXPECT_EQ(json::array({"Ingress"}), spec["policyTypes"]);
  EXPECT_FALSE(spec.contains("egress")) << "without a type it would mean nothing";
}

TEST(DesiredObjectsTest, DisruptionBudgetCountsLearnersOfAllRoles) {
  JobBuilder builder("bert");
  builder->spec.disruption_budget = {.max_unavailable = 2};
  const json want = {{"maxUnavailable", 2},
                     {"selector", {{"matchLabels", {{"ffdl.io/job", "bert"}}}}},
                     {"unhealthyPodEvictionPolicy", "AlwaysAllow"}};

  EXPECT_EQ(want, DesiredDisruptionBudget(builder.Build())["spec"]);
}

TEST(DesiredObjectsTest, LearnersStartTogetherAndAreNeverReplacedByAnUpdate) {
  const v1::TrainingJob job = JobBuilder("bert").Learners(4).Build();
  const json set = DesiredLearners(job, testing_support::FirstRole(job), kSettings, 2, 4);
  const json& spec = set["spec"];

  EXPECT_EQ("bert-learner", set["metadata"]["name"]);
  EXPECT_EQ("bert-learner", spec["serviceName"]);
  EXPECT_EQ(4, spec["replicas"]);
  EXPECT_EQ("Parallel", spec["podManagementPolicy"]);
  EXPECT_EQ("OnDelete", spec["updateStrategy"]["type"]);
  EXPECT_EQ("2", spec["template"]["metadata"]["labels"]["ffdl.io/attempt"]);
  EXPECT_FALSE(spec["selector"]["matchLabels"].contains("ffdl.io/attempt"))
      << "the selector cannot change, the attempt does";
}

TEST(DesiredObjectsTest, LearnersScaledToNoneSaySo) {
  const v1::TrainingJob job = JobBuilder("bert").Learners(4).Build();
  const json set = DesiredLearners(job, testing_support::FirstRole(job), kSettings, 1, 0);
  ASSERT_TRUE(set["spec"].contains("replicas")) << "the server would take 1 for what is missing";
  EXPECT_EQ(0, set["spec"]["replicas"]);
}

TEST(DesiredObjectsTest, ClaimsOfLearnersOutliveTheirPodsButNotTheJob) {
  JobBuilder job("bert");
  job->spec.storage.per_learner = v1::StorageRequest{
      .size = "10Gi", .access_modes = {"ReadWriteOnce"}, .storage_class_name = "fast"};
  const v1::TrainingJob built = job.Build();
  const json spec =
      DesiredLearners(built, testing_support::FirstRole(built), kSettings, 1, 1)["spec"];

  EXPECT_EQ(json({{"whenDeleted", "Delete"}, {"whenScaled", "Retain"}}),
            spec["persistentVolumeClaimRetentionPolicy"]);
  ASSERT_EQ(1U, spec["volumeClaimTemplates"].size());
  const json& claim = spec["volumeClaimTemplates"][0]["spec"];
  EXPECT_EQ("10Gi", claim["resources"]["requests"]["storage"]);
  EXPECT_EQ(json({"ReadWriteOnce"}), claim["accessModes"]);
  EXPECT_EQ("fast", claim["storageClassName"]);
}

TEST(DesiredObjectsTest, SharedClaimLeavesTheClassToTheClusterUnlessNamed) {
  JobBuilder job("bert");
  job->spec.storage.shared = v1::StorageRequest{.size = "1Gi", .access_modes = {"ReadWriteMany"}};

  EXPECT_FALSE(DesiredSharedClaim(job.Build())["spec"].contains("storageClassName"));
  job->spec.storage.shared->storage_class_name = "";
  EXPECT_EQ("", DesiredSharedClaim(job.Build())["spec"]["storageClassName"])
      << "the empty class means a volume made by hand";
}

}  // namespace
}  // namespace ffdl::training_job
