#include "reconcilers/training_job/image.h"

#include <gmock/gmock.h>

#include "reconcilers/training_job/plan.h"
#include "test/support/job_builder.h"
#include "test/unit/reconcilers/training_job/planned.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing_support::JobBuilder;

const Settings kSettings{.agent_image = "localhost/ffdl:1"};
const v1::FrameworkCatalogue kCatalogue{.images = {{"pytorch.2.4.cpu", "torch:2.4"},
                                                   {"pytorch.2.5.cpu", "torch:2.5"},
                                                   {"pytorch.2.5.gpu", "torch:2.5-cuda"},
                                                   {"jax.1.cpu", "jax:1"}}};

// Runs PyTorch 2.5 of the catalogue.
JobBuilder Bert() {
  JobBuilder job = JobBuilder("bert").Pytorch();
  job->spec.framework.image.clear();
  job->spec.framework.version = "2.5";
  return job;
}

v1::FrameworkStatus Chosen(std::string entry, std::string image) {
  return {.entry = std::move(entry), .image = std::move(image)};
}

k8s::Plan Pass(const JobBuilder& job, const Observed& observed = {}) {
  return Decide(job.Build(), observed, kSettings, {});
}

// Of the StatefulSet that the plan applies; null without one.
json ImageApplied(const k8s::Plan& plan) {
  for (const k8s::Action& action : plan.actions) {
    if (action.type != k8s::kStatefulSetType) continue;
    return action.body["spec"]["template"]["spec"]["containers"][0]["image"];
  }
  return {};
}

TEST(ImageTest, IsWrittenDownBeforeAnythingIsMade) {
  const k8s::Plan plan = Pass(Bert(), {.catalogue = kCatalogue});

  EXPECT_TRUE(plan.actions.empty());
  EXPECT_EQ(json({{"entry", "pytorch.2.5.cpu"}, {"image", "torch:2.5"}}),
            StatusOf(plan)["framework"]);
  EXPECT_EQ("ImageChosen", ReadyOf(plan)["reason"]);
  EXPECT_EQ("Pending", StatusOf(plan)["state"]);
}

TEST(ImageTest, IsAnotherForGpus) {
  EXPECT_EQ("torch:2.5-cuda",
            StatusOf(Pass(Bert().Gpus(1), {.catalogue = kCatalogue}))["framework"]["image"]);
}

TEST(ImageTest, StaysWhateverBecomesOfTheCatalogue) {
  JobBuilder job = Bert();
  job->status.framework = Chosen("pytorch.2.5.cpu", "torch:2.5");
  const k8s::Plan plan = Pass(job);

  EXPECT_EQ("torch:2.5", ImageApplied(plan));
  EXPECT_EQ("torch:2.5", StatusOf(plan)["framework"]["image"]);
}

TEST(ImageTest, IsLookedUpAnewAfterAnEditOfTheJob) {
  JobBuilder job = Bert();
  job->status.framework = Chosen("pytorch.2.4.cpu", "torch:2.4");
  job->status.attempt = 2;

  EXPECT_EQ("torch:2.5", StatusOf(Pass(job, {.catalogue = kCatalogue}))["framework"]["image"]);
}

TEST(ImageTest, ChangesNoLearnersThatRun) {
  JobBuilder job = Bert();
  job->status.framework = Chosen("pytorch.2.4.cpu", "torch:2.4");
  job->status.attempt = 1;
  const k8s::Plan plan =
      Pass(job, {.learner_sets = {FirstLearnerSet(job.Build(), 1)}, .catalogue = kCatalogue});

  EXPECT_TRUE(ImageApplied(plan).is_null());
  EXPECT_EQ("torch:2.4", StatusOf(plan)["framework"]["image"]);
}

TEST(ImageTest, IsTheJobsOwnWhenItNamesOne) {
  JobBuilder job = Bert();
  job->spec.framework.image = "mine:1";
  job->status.framework = Chosen("pytorch.2.5.cpu", "torch:2.5");
  const k8s::Plan plan = Pass(job, {.catalogue = kCatalogue});

  EXPECT_EQ("mine:1", ImageApplied(plan));
  EXPECT_FALSE(StatusOf(plan).contains("framework"));
}

TEST(ImageTest, ThatNobodyKnowsIsWaitedFor) {
  JobBuilder job = Bert();
  job->spec.framework.version = "2.6";
  const k8s::Plan plan = Pass(job, {.catalogue = kCatalogue});

  EXPECT_TRUE(plan.actions.empty());
  EXPECT_EQ("FrameworkUnknown", ReadyOf(plan)["reason"]);
  EXPECT_EQ("False", ReadyOf(plan)["status"]);
  EXPECT_EQ(
      "no image is known for 'pytorch.2.6.cpu': the catalogue of frameworks has 'pytorch.2.4.cpu', "
      "'pytorch.2.5.cpu', 'pytorch.2.5.gpu'; ask who runs the cluster to add it, or suspend the "
      "job and set `spec.framework.version` or `spec.framework.image`",
      ReadyOf(plan)["message"]);
  ASSERT_EQ(1U, plan.events.size());
  EXPECT_TRUE(plan.events[0].warning);
}

TEST(ImageTest, ThatNobodyKnowsIsToldWithAFewOfManyEntries) {
  v1::FrameworkCatalogue many;
  for (int i = 0; i < 12; ++i) many.images["pytorch.1." + std::to_string(i) + ".cpu"] = "a";

  EXPECT_THAT(ReadyOf(Pass(Bert(), {.catalogue = many}))["message"].get<std::string>(),
              HasSubstr("'pytorch.1.5.cpu' and 4 more; "));
}

TEST(ImageTest, ThatNobodyKnowsIsToldWithTheTroubleOfTheCatalogue) {
  v1::FrameworkCatalogue broken{.trouble = "ConfigMap a/b is broken"};
  EXPECT_THAT(ReadyOf(Pass(Bert(), {.catalogue = broken}))["message"].get<std::string>(),
              HasSubstr("'pytorch.2.5.cpu': ConfigMap a/b is broken; "));

  broken.images = {{"jax.1.cpu", "jax:1"}};
  EXPECT_THAT(ReadyOf(Pass(Bert(), {.catalogue = broken}))["message"].get<std::string>(),
              HasSubstr(": the catalogue of frameworks has none of 'pytorch' (ConfigMap a/b is "
                        "broken); "));
}

json EnvironmentApplied(const k8s::Plan& plan) {
  json values = json::object();
  for (const k8s::Action& action : plan.actions) {
    if (action.type != k8s::kStatefulSetType) continue;
    for (const json& variable : action.body["spec"]["template"]["spec"]["containers"][0]["env"]) {
      EXPECT_FALSE(values.contains(variable["name"])) << variable << " is there twice";
      values[variable["name"].get<std::string>()] = variable.value("value", "");
    }
  }
  return values;
}

TEST(ImageTest, HasAnEnvironmentThatIsWrittenDownToo) {
  v1::FrameworkCatalogue catalogue = kCatalogue;
  catalogue.variables = {{"pytorch", {{"NCCL_DEBUG", "WARN"}}}, {"jax", {{"A", "1"}}}};

  EXPECT_EQ(json({{"NCCL_DEBUG", "WARN"}}),
            StatusOf(Pass(Bert(), {.catalogue = catalogue}))["framework"]["env"]);
}

TEST(ImageTest, HasAnEnvironmentThatAllElseCountsForMoreThan) {
  JobBuilder job = Bert()
                       .Env(R"([{"name": "B", "value": "job"}])")
                       .PodTemplate(R"({"spec": {"containers": [{"name": "learner",
                           "env": [{"name": "C", "value": "pod"}]}]}})");
  job->status.framework = {
      .entry = "pytorch.2.5.cpu",
      .image = "torch:2.5",
      .env = {{"A", "1"}, {"B", "2"}, {"C", "3"}, {"MASTER_PORT", "4"}, {"DATA_DIR", "5"}}};
  const json env = EnvironmentApplied(Pass(job));

  EXPECT_EQ("1", env["A"]);
  EXPECT_EQ("job", env["B"]);
  EXPECT_EQ("pod", env["C"]);
  EXPECT_EQ("29500", env["MASTER_PORT"]);
  EXPECT_EQ("/job/data", env["DATA_DIR"]);
}

TEST(ImageTest, HasAnEnvironmentThatNoOtherImageGets) {
  JobBuilder job = Bert().Role({.name = "judge", .image = "mine:1"});
  job->status.framework = {.entry = "pytorch.2.5.cpu", .image = "torch:2.5", .env = {{"A", "1"}}};
  job->spec.roles.push_back({.name = "worker"});
  const v1::TrainingJob built = job.Build();
  const v1::Roles roles(built.spec);

  EXPECT_TRUE(CatalogueVariablesOf(built, roles[0]).empty());
  EXPECT_EQ(1U, CatalogueVariablesOf(built, roles[1]).size());
}

// The API server refuses an empty image, and then nothing would stop.
TEST(ImageTest, IsNeverEmpty) {
  JobBuilder job = Bert();
  job->spec.suspend = true;
  const json image = ImageApplied(Pass(job, {.learner_sets = {FirstLearnerSet(job.Build(), 1)}}));

  EXPECT_EQ("ffdl.invalid/not-looked-up", image);
}

}  // namespace
}  // namespace ffdl::training_job
