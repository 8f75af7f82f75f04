// Learners that stand still, as the kubelet's probe and ffdl-launch tell of them.
#include <gmock/gmock.h>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

class ProgressTest : public Story {};

TEST_F(ProgressTest, LearnerThatStandsStillIsNamedUntilItGetsOn) {
  Apply(JobManifest("still",
                    "echo begins\n"
                    "if [ $LEARNER_ID = 1 ]; then\n"
                    "  until [ -e $JOB_STATE_DIR/over ]; do touch $HEARTBEAT_FILE; sleep 2; done\n"
                    "else\n"
                    "  until [ -e $JOB_STATE_DIR/on ]; do sleep 1; done\n"
                    "  echo gets on\n"
                    "  sleep 4\n"
                    "  touch $JOB_STATE_DIR/over\n"
                    "fi\n")
            .Learners(2)
            .SharedStorage()
            .Set("/progress", {{"timeoutSeconds", 10}}));
  const auto is_stalled = [](const Json& job) {
    return TextAt(ConditionOf(job, "Stalled"), "/reason") == "NoProgress";
  };
  const Json still = Await("still", "told to stand still", is_stalled);
  EXPECT_EQ(
      "learner 2 has made no progress for 10 s: no output, and HEARTBEAT_FILE was not touched",
      TextAt(ConditionOf(still, "Stalled"), "/message"));
  EXPECT_EQ("True", TextAt(ConditionOf(still, "Ready"), "/status"));

  MustKubectl({"exec", "still-learner-0", "-c", "learner", "--", "touch", "/job/on"});
  Await("still", "told to get on",
        [&](const Json& job) { return TextAt(ConditionOf(job, "Stalled"), "/status") == "False"; });
  EXPECT_EQ(1, NumberAt(AwaitState("still", "Completed"), "/status/attempt"));
}

TEST_F(ProgressTest, LearnerThatStandsStillIsEndedAndTheNextAttemptGoesOn) {
  Apply(JobManifest("deadlock",
                    "echo step 7\n"
                    "[ -e $JOB_STATE_DIR/hung ] && exit 0\n"
                    "touch $JOB_STATE_DIR/hung\n"
                    "trap 'echo in all_reduce; exit 9' ABRT\n"
                    "while :; do sleep 1; done\n")
            .SharedStorage()
            .MaxRestarts(1)
            .Set("/progress", {{"timeoutSeconds", 10}, {"onTimeout", "Fail"}}));
  const Json done = AwaitState("deadlock", "Completed");
  EXPECT_EQ(2, NumberAt(done, "/status/attempt"));
  EXPECT_EQ("NoProgress", TextAt(done, "/status/failure/reason"));
  EXPECT_EQ("learner 1 made no progress for 10 s: no output, no heartbeat",
            TextAt(done, "/status/failure/message"));
  // The shell says of its own child that it was aborted, before or after that.
  EXPECT_THAT(
      TextAt(done, "/status/failure/log"),
      testing::AllOf(testing::StartsWith("step 7\n"), testing::HasSubstr("in all_reduce\n")));
}

}  // namespace
}  // namespace ffdl::e2e
