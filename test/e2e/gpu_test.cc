#include <gmock/gmock.h>

#include <cstdlib>

#include "test/e2e/harness/story.h"
#include "test/e2e/harness/story_failure.h"

namespace ffdl::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr int kGpusOfTheNode = 4;

class GpuTest : public Story {
 protected:
  static void SetGpus(int count) {
    const CommandResult set = RunCommand(
        {std::string(FFDL_SOURCE_DIR) + "/test/cluster/gpus", "node1", std::to_string(count)});
    if (!set.ok()) throw StoryFailure(Describe(set));
  }

  void SetUp() override {
    SetGpus(kGpusOfTheNode);
    Story::SetUp();
  }
  void TearDown() override {
    Story::TearDown();
    SetGpus(kGpusOfTheNode);
  }
};

TEST_F(GpuTest, JobWaitsForMoreGpusThanThereAreAndRunsOnceTheyAppear) {
  WatchPods();
  Apply(JobManifest("big", "test $GPU_COUNT = 6.000000").Set("/resources/gpus", 6));

  ExpectToldSoon("big", "WaitingForGpus", [](const Json& pod) {
    return TextAt(ConditionOf(pod, "PodScheduled"), "/reason") == "Unschedulable";
  });
  const Json waiting = AwaitReason("big", "WaitingForGpus");
  EXPECT_EQ(6, NumberAt(waiting, "/status/gpus"));
  EXPECT_EQ(
      "learner 1 waits for 6 `nvidia.com/gpu`: 0/1 nodes are available: 1 Insufficient "
      "nvidia.com/gpu; lower `spec.resources.gpus`, add nodes with GPUs, or wait until some are "
      "free",
      TextAt(ConditionOf(waiting, "Ready"), "/message"));

  SetGpus(8);
  AwaitState("big", "Completed");
}

TEST_F(GpuTest, JobWaitsUntilAnotherJobsGpusAreFree) {
  Apply(JobManifest("first", "sleep 3600").Set("/resources/gpus", 3));
  AwaitState("first", "Processing");
  Apply(JobManifest("second", "exit 0").Learners(2).Set("/resources/gpus", 1));
  AwaitReason("second", "WaitingForGpus");

  Edit("first", {{"suspend", true}});
  AwaitState("second", "Completed");
}

// Of a resource and a label that only this test gives to the node.
class GpuTypeTest : public Story {
 protected:
  void SetUp() override {
    Story::SetUp();
    PatchStatus("add", {{"value", "2"}});
    MustKubectl({"label", "node", "node1", "e2e.ffdl.io/accelerator=fast", "--overwrite"});
  }
  void TearDown() override {
    Story::TearDown();
    SetType(nullptr);
    MustKubectl({"label", "node", "node1", "e2e.ffdl.io/accelerator-"});
    PatchStatus("remove", Json::object());
  }

  void PatchStatus(const std::string& operation, const Json& more) {
    Json patch = Json::array();
    for (const char* const part : {"capacity", "allocatable"}) {
      Json step = {{"op", operation},
                   {"path", "/status/" + std::string(part) + "/e2e.ffdl.io~1accelerator"}};
      step.update(more);
      patch.push_back(std::move(step));
    }
    MustKubectl(
        {"patch", "node", "node1", "--subresource=status", "--type=json", "--patch", patch.dump()});
  }

  void SetType(const Json& lines) {
    const Json patch = {{"data", {{"gpu-type.e2e-fast", lines}}}};
    MustKubectl({"patch", "configmap", "ffdl-frameworks", "--namespace=ffdl-system", "--type=merge",
                 "--patch", patch.dump()});
  }
};

TEST_F(GpuTypeTest, JobWaitsForItsTypeAndRunsWhereTheCatalogueSays) {
  Apply(JobManifest("typed", "test $GPU_COUNT = 2.000000")
            .Set("/resources", {{"gpus", 2}, {"gpuType", "e2e-fast"}}));
  const Json waiting = AwaitReason("typed", "GpuTypeUnknown");
  EXPECT_THAT(TextAt(ConditionOf(waiting, "Ready"), "/message"),
              AllOf(HasSubstr("the `gpuType` 'e2e-fast' is not known: the catalogue"),
                    HasSubstr("'nvidia-h200'")));

  SetType(
      "resource: e2e.ffdl.io/accelerator\n"
      "nodeSelector: e2e.ffdl.io/accelerator=fast\n"
      "taint: e2e.ffdl.io/accelerator:NoSchedule\n");
  const Json done = AwaitState("typed", "Completed");
  EXPECT_EQ("e2e.ffdl.io/accelerator", TextAt(done, "/status/gpuTypes/0/resource"));
  const Json spec = At(Get("statefulset", "typed-learner"), "/spec/template/spec");
  EXPECT_EQ("2", TextAt(spec, "/containers/0/resources/limits/e2e.ffdl.io~1accelerator"));
  EXPECT_EQ("fast", TextAt(spec, "/nodeSelector/e2e.ffdl.io~1accelerator"));
}

TEST_F(GpuTest, ThirdJobForTwoGpusStartsSecondsAfterTheFirstHasEnded) {
  SetGpus(2);
  const auto job = [](const std::string& name, const char* script) {
    return JobManifest(name, script).SharedStorage().Set("/resources/gpus", 1);
  };
  Apply(job("first", "until [ -e $JOB_STATE_DIR/end ]; do sleep 0.2; done"));
  Apply(job("second", "sleep 3600"));
  AwaitState("first", "Processing");
  AwaitState("second", "Processing");
  Apply(job("third", "exit 0"));
  const Json waiting = AwaitReason("third", "WaitingForGpus");
  EXPECT_EQ("WaitingForGpus", TextAt(waiting, "/status/learners/phases/0/reason"));

  MustKubectl({"exec", "first-learner-0", "-c", "learner", "--", "touch", "/job/end"});
  AwaitState("first", "Completed");
  const auto ended = std::chrono::steady_clock::now();
  AwaitState("third", "Completed");
  EXPECT_LT(std::chrono::steady_clock::now() - ended, std::chrono::seconds(30));
}

}  // namespace
}  // namespace ffdl::e2e
