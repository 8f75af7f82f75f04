#include "reconcilers/training_job/init_containers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "reconcilers/training_job/pod_template.h"
#include "test/support/job_builder.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;
using testing_support::JobBuilder;

json TemplateOf(const JobBuilder& builder) {
  const v1::TrainingJob job = builder.Build();
  return LearnerPodTemplate(job, testing_support::FirstRole(job),
                            {.agent_image = "localhost/ffdl:1"}, 3);
}

// The element of `list` with this name; null when there is none.
json Named(const json& list, const std::string& name) {
  for (const json& element : list) {
    if (element["name"] == name) return element;
  }
  return nullptr;
}

json Learner(const json& pod) { return Named(pod["spec"]["containers"], "learner"); }

JobBuilder Downloaded(v1::ObjectStore store) {
  JobBuilder job("bert");
  store.endpoint = "https://s3:9000";
  store.bucket = "models";
  job->spec.code.object_store = std::move(store);
  return job;
}

TEST(InitContainersTest, CopiesCodeFromAClaimThatIsOnlyRead) {
  const json pod = TemplateOf(JobBuilder("bert").CodeClaim("code", "nets/bert"));
  const json setup = Named(pod["spec"]["initContainers"], "setup");

  EXPECT_EQ("code",
            Named(pod["spec"]["volumes"], "ffdl-code")["persistentVolumeClaim"]["claimName"]);
  EXPECT_EQ(json::parse(R"({"name": "ffdl-code", "mountPath": "/ffdl-code", "readOnly": true})"),
            Named(setup["volumeMounts"], "ffdl-code"));
  EXPECT_THAT(setup["args"], testing::IsSupersetOf({json("--code-from"), json("--code-claim")}));
  EXPECT_THAT(setup["args"], testing::Contains(json("/ffdl-code/nets/bert")));
  EXPECT_EQ(nullptr, Named(Learner(pod)["volumeMounts"], "ffdl-code"));
}

TEST(InitContainersTest, MountsTheClaimOfTheResultsOnceThoughTheCodeIsThere) {
  const json pod = TemplateOf(JobBuilder("bert").CodeClaim("work").Results("work"));
  const json setup = Named(pod["spec"]["initContainers"], "setup");

  EXPECT_EQ(nullptr, Named(pod["spec"]["volumes"], "ffdl-code"));
  EXPECT_EQ(json::parse(R"({"name": "ffdl-results", "mountPath": "/ffdl-code", "readOnly": true})"),
            Named(setup["volumeMounts"], "ffdl-results"));
  EXPECT_FALSE(Named(Learner(pod)["volumeMounts"], "ffdl-results").contains("readOnly"));
}

TEST(InitContainersTest, UnpacksCodeFromAConfigMapThatMayBeMissing) {
  const json pod = TemplateOf(JobBuilder("bert").Code("bert-code"));
  const json setup = Named(pod["spec"]["initContainers"], "setup");

  EXPECT_EQ(json({{"name", "bert-code"}, {"optional", true}}),
            Named(pod["spec"]["volumes"], "ffdl-code")["configMap"]);
  EXPECT_THAT(setup["args"], testing::IsSupersetOf({json("--code-from"), json("--code-name")}));
  EXPECT_EQ("localhost/ffdl:1", setup["image"]);
  EXPECT_EQ(nullptr, Named(Learner(pod)["volumeMounts"], "ffdl-code"));
}

TEST(InitContainersTest, FetchesOneObjectAsWhoTheSecretSays) {
  const json pod = TemplateOf(Downloaded({.key = "bert.zip", .secret_name = "s3"}));
  const json& init = pod["spec"]["initContainers"];
  const json fetch = Named(init, "fetch");

  EXPECT_EQ("setup", init[0]["name"]);
  EXPECT_EQ("fetch", init[1]["name"]);
  EXPECT_EQ(json({"fetch", "--endpoint", "https://s3:9000", "--region", "us-east-1", "--bucket",
                  "models", "--to", "/job/model-code", "--key", "bert.zip", "--credentials",
                  "/ffdl-credentials", "--secret", "s3"}),
            fetch["args"]);
  EXPECT_EQ(json({{"secretName", "s3"}, {"optional", true}}),
            Named(pod["spec"]["volumes"], "ffdl-credentials")["secret"]);
  EXPECT_EQ(json::parse(R"([{"name": "ffdl-model-code", "mountPath": "/job/model-code"},
                            {"name": "ffdl-credentials", "mountPath": "/ffdl-credentials",
                             "readOnly": true}])"),
            fetch["volumeMounts"]);
}

TEST(InitContainersTest, KeepsTheSecretFromTheLearner) {
  const json pod = TemplateOf(Downloaded({.key = "bert.zip", .secret_name = "s3"}));
  EXPECT_EQ(nullptr, Named(Learner(pod)["volumeMounts"], "ffdl-credentials"));
  EXPECT_THAT(Learner(pod).dump(), testing::Not(testing::HasSubstr("s3")));
}

TEST(InitContainersTest, FetchesAWholeBucketAsAnybody) {
  const json pod = TemplateOf(Downloaded({.region = "eu-central-1"}));
  const json fetch = Named(pod["spec"]["initContainers"], "fetch");

  EXPECT_EQ(json({"fetch", "--endpoint", "https://s3:9000", "--region", "eu-central-1", "--bucket",
                  "models", "--to", "/job/model-code", "--prefix", ""}),
            fetch["args"]);
  EXPECT_EQ(nullptr, Named(pod["spec"]["volumes"], "ffdl-credentials"));
}

TEST(InitContainersTest, FetchesNothingWhereTheKubeletBringsTheCode) {
  for (const JobBuilder& job : {JobBuilder("bert"), JobBuilder("bert").Code("bert-code")}) {
    EXPECT_EQ(1U, TemplateOf(job)["spec"]["initContainers"].size());
  }
}

TEST(InitContainersTest, RunsBeforeTheContainersOfTheUser) {
  JobBuilder job = Downloaded({});
  job.PodTemplate(R"({"spec": {"initContainers": [{"name": "mine"}]}})");
  const json pod = TemplateOf(job);
  EXPECT_EQ("mine", pod["spec"]["initContainers"][2]["name"]);
}

}  // namespace
}  // namespace ffdl::training_job
