// The ends that a job comes to by its own limits.
#include <gmock/gmock.h>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

using testing::HasSubstr;

class EndingTest : public Story {
 protected:
  void ExpectNoPods(const std::string& job) {
    EXPECT_TRUE(Eventually(
        [&] {
          for (const Json& pod : List("pods")) {
            if (TextAt(pod, "/metadata/name").starts_with(job + "-learner")) return false;
          }
          return true;
        },
        kCleanUpMax));
  }
};

TEST_F(EndingTest, JobThatIsActiveForTooLongFailsAndItsLearnersAreStopped) {
  Apply(JobManifest("endless", "sleep 3600").Set("/activeDeadlineSeconds", 5));
  const Json failed = AwaitState("endless", "Failed");
  EXPECT_EQ("DeadlineExceeded", TextAt(ConditionOf(failed, "Finished"), "/reason"));
  EXPECT_EQ("DeadlineExceeded", TextAt(failed, "/status/failure/reason"));
  EXPECT_EQ("the job was active for 5 s, as long as `spec.activeDeadlineSeconds` allows",
            TextAt(failed, "/status/failure/message"));
  ExpectNoPods("endless");
}

TEST_F(EndingTest, JobWhoseLearnersDoNotRunInTimeFailsAndSaysWhatWasMissing) {
  Apply(
      JobManifest("greedy", "exit 0").Set("/resources/gpus", 60).Set("/pendingDeadlineSeconds", 4));
  AwaitReason("greedy", "WaitingForGpus");
  const Json failed = AwaitState("greedy", "Failed");
  EXPECT_EQ("PendingDeadlineExceeded", TextAt(ConditionOf(failed, "Finished"), "/reason"));
  EXPECT_THAT(TextAt(failed, "/status/failure/message"),
              HasSubstr("last: learner 1 waits for 60 `nvidia.com/gpu`"));
  ExpectNoPods("greedy");
}

TEST_F(EndingTest, JobIsDeletedWithItsObjectsWhenItsTimeToLiveIsOver) {
  Apply(ClaimManifest("kept"));
  Apply(JobManifest("brief", "exit 0")
            .SharedStorage()
            .ResultsIn("kept")
            .Set("/ttlSecondsAfterFinished", 3));
  AwaitState("brief", "Completed");
  EXPECT_TRUE(Eventually([&] { return List("trainingjobs").empty(); }, kCleanUpMax));
  EXPECT_TRUE(Eventually([&] { return ChildrenOf("brief").empty(); }, kCleanUpMax))
      << testing::PrintToString(ChildrenOf("brief"));
  EXPECT_EQ("kept", TextAt(Get("pvc", "kept"), "/metadata/name"));
}

TEST_F(EndingTest, ExitCodeThatARuleNamesFailsTheJobAlthoughRestartsAreLeft) {
  Apply(JobManifest("hopeless", "exit 42")
            .MaxRestarts(3)
            .Set("/failurePolicy/rules",
                 Json::array({{{"onExitCodes", {42}}, {"action", "FailJob"}}})));
  const Json failed = AwaitState("hopeless", "Failed");
  EXPECT_EQ(0, NumberAt(failed, "/status/restarts"));
  EXPECT_EQ("learner 1 exited with code 42; `spec.failurePolicy.rules[0]` fails the job",
            TextAt(ConditionOf(failed, "Stalled"), "/message"));
}

// As an agent that watches the node's GPUs would say it.
TEST_F(EndingTest, PodConditionThatARuleNamesFailsTheJobAlthoughRestartsAreLeft) {
  Apply(JobManifest("broken", "until [ -e /tmp/over ]; do sleep 0.2; done; exit 1")
            .MaxRestarts(3)
            .Set("/failurePolicy/rules", Json::array({{{"onPodConditions", {"example.com/Broken"}},
                                                       {"action", "FailJob"}}})));
  AwaitState("broken", "Processing");
  MustKubectl({"patch", "pod", "broken-learner-0", "--subresource=status", "--patch",
               R"({"status":{"conditions":[{"type":"example.com/Broken","status":"True"}]}})"});
  MustKubectl({"exec", "broken-learner-0", "-c", "learner", "--", "touch", "/tmp/over"});
  const Json failed = AwaitState("broken", "Failed");
  EXPECT_EQ("learner 1 exited with code 1; `spec.failurePolicy.rules[0]` fails the job",
            TextAt(ConditionOf(failed, "Stalled"), "/message"));
}

}  // namespace
}  // namespace ffdl::e2e
