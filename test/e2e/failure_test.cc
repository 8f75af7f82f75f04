#include <gmock/gmock.h>

#include <set>
#include <string>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

using testing::HasSubstr;

class FailureTest : public Story {};

TEST_F(FailureTest, OneFailedLearnerRestartsAllAndTheSecondAttemptCompletes) {
  WatchPods();
  Apply(JobManifest("retry",
                    "if [ $LEARNER_ID = 2 ] && [ ! -e $JOB_STATE_DIR/failed ]; then\n"
                    "  touch $JOB_STATE_DIR/failed\n"
                    "  echo about to fail\n"
                    "  exit 3\n"
                    "fi\n"
                    "sleep 2\n")
            .Learners(2)
            .SharedStorage()
            .MaxRestarts(2));

  const Json restarting = AwaitReason("retry", "Restarting");
  EXPECT_EQ("learner 2 exited with code 3; restart 1 of 2",
            TextAt(ConditionOf(restarting, "Ready"), "/message"));

  const Json done = AwaitState("retry", "Completed");
  EXPECT_EQ(2, NumberAt(done, "/status/attempt"));
  EXPECT_EQ(1, NumberAt(done, "/status/restarts"));
  EXPECT_EQ(1, NumberAt(done, "/status/failure/attempt"));
  EXPECT_EQ(2, NumberAt(done, "/status/failure/learner"));
  EXPECT_EQ(3, NumberAt(done, "/status/failure/exitCode"));
  EXPECT_EQ("about to fail\n", TextAt(done, "/status/failure/log"));

  // Both learners of the first attempt went, not only the one that failed.
  for (const char* name : {"retry-learner-0", "retry-learner-1"}) {
    const auto gone = pods().WaitFor(
        [&](const Change& change) {
          return change.type == "DELETED" && TextAt(change.object, "/metadata/name") == name &&
                 TextAt(change.object, "/metadata/labels/ffdl.io~1attempt") == "1";
        },
        kCleanUpMax);
    EXPECT_TRUE(gone) << name << " of attempt 1 was not deleted";
  }
}

TEST_F(FailureTest, OneFailedLearnerRestartsAloneWhileTheOtherKeepsItsPod) {
  WatchPods();
  Apply(JobManifest("search",
                    "if [ $LEARNER_ID = 2 ] && [ ! -e $JOB_STATE_DIR/failed ]; then\n"
                    "  touch $JOB_STATE_DIR/failed\n"
                    "  exit 3\n"
                    "fi\n"
                    "touch $JOB_STATE_DIR/done-$LEARNER_ID\n"
                    "until [ -e $JOB_STATE_DIR/done-2 ]; do sleep 0.2; done\n"
                    "sleep 3\n")
            .Learners(2)
            .SharedStorage()
            .Set("/failurePolicy/restartScope", "Learner")
            .MaxRestarts(2));

  const Json restarting = AwaitReason("search", "RestartingLearner");
  EXPECT_EQ("learner 2 exited with code 3; it starts again alone, restart 1 of 2",
            TextAt(ConditionOf(restarting, "Ready"), "/message"));

  const Json done = AwaitState("search", "Completed");
  EXPECT_EQ(1, NumberAt(done, "/status/attempt"));
  EXPECT_EQ(1, NumberAt(done, "/status/restarts"));
  EXPECT_EQ(2, NumberAt(done, "/status/failure/learner"));
  EXPECT_EQ(2, NumberAt(done, "/status/learnerRestarts/0/learner"));
  EXPECT_EQ(1, NumberAt(done, "/status/learnerRestarts/0/restarts"));
  EXPECT_EQ("ProgramFailed", TextAt(done, "/status/learnerRestarts/0/reason"));
  const std::string told = MustKubectl({"describe", "tj/search"});
  EXPECT_THAT(told, HasSubstr("LearnerRestarted"));
  EXPECT_THAT(told, HasSubstr("Learner Restarts"));

  std::set<std::string> pods_of_first;
  std::set<std::string> pods_of_second;
  for (const Change& change : pods().All()) {
    const std::string name = TextAt(change.object, "/metadata/name");
    auto& uids = name == "search-learner-0" ? pods_of_first : pods_of_second;
    uids.insert(TextAt(change.object, "/metadata/uid"));
  }
  EXPECT_EQ(1U, pods_of_first.size());
  EXPECT_EQ(2U, pods_of_second.size());
}

TEST_F(FailureTest, JobFailsWhenItsRestartsAreUsedUpAndSaysWhichLearnerWhereAndWhy) {
  Apply(JobManifest("doomed",
                    "echo step 1\n"
                    "echo cannot open the data >&2\n"
                    "exit $((10 + LEARNER_ID))\n")
            .MaxRestarts(1));

  const CommandResult finished =
      Kubectl({"wait", "--for=condition=Finished", "tj/doomed", "--timeout=120s"},
              {.limit = kPhaseMax * 2});
  ASSERT_TRUE(finished.ok()) << finished;

  const Json job = Get("tj", "doomed");
  EXPECT_EQ("Failed", TextAt(job, "/status/state"));
  EXPECT_EQ(2, NumberAt(job, "/status/attempt"));
  EXPECT_EQ(1, NumberAt(job, "/status/restarts"));
  EXPECT_EQ(2, NumberAt(job, "/status/failure/attempt"));
  EXPECT_EQ(1, NumberAt(job, "/status/failure/learner"));
  EXPECT_EQ("node1", TextAt(job, "/status/failure/node"));
  EXPECT_EQ(11, NumberAt(job, "/status/failure/exitCode"));
  EXPECT_EQ("ProgramFailed", TextAt(job, "/status/failure/reason"));
  EXPECT_EQ("learner 1 exited with code 11", TextAt(job, "/status/failure/message"));
  EXPECT_EQ("step 1\ncannot open the data\n", TextAt(job, "/status/failure/log"));
  EXPECT_EQ("learner 1 exited with code 11; all 1 restarts are used up",
            TextAt(ConditionOf(job, "Stalled"), "/message"));
  EXPECT_EQ("False", TextAt(ConditionOf(job, "Succeeded"), "/status"));
}

TEST_F(FailureTest, KubectlWaitsForTheStateOfAJob) {
  Apply(JobManifest("awaited", "sleep 1"));
  const CommandResult completed =
      Kubectl({"wait", "--for=jsonpath={.status.state}=Completed", "tj/awaited", "--timeout=90s"},
              {.limit = kPhaseMax * 2});
  EXPECT_TRUE(completed.ok()) << completed;
}

// The kubelet itself says OOMKilled only most of the time, so three attempts are looked at.
TEST_F(FailureTest, LearnerKilledByTheMemoryLimitIsAlwaysSaidToBeOutOfMemory) {
  Apply(JobManifest("greedy", "")
            .Set("/command", Json::array({"dd", "if=/dev/zero", "of=/dev/null", "bs=256M"}))
            .Set("/resources/memory", "48Mi")
            .MaxRestarts(2));
  Await("greedy", "Failed",
        [](const Json& job) { return TextAt(job, "/status/state") == "Failed"; });

  int attempts_seen = 0;
  for (const Change& change : jobs().All()) {
    const Json failure = At(change.object, "/status/failure");
    if (failure.is_null() || NumberAt(failure, "/attempt") <= attempts_seen) continue;
    ++attempts_seen;
    EXPECT_EQ(137, NumberAt(failure, "/exitCode")) << failure;
    EXPECT_EQ("OutOfMemory", TextAt(failure, "/reason")) << failure;
    EXPECT_EQ("learner 1 exited with code 137 (out of memory, limit 48Mi)",
              TextAt(failure, "/message"));
  }
  EXPECT_EQ(3, attempts_seen);
}

// A program may well survive the kill of one of its children; one that then fails did so for
// memory.
TEST_F(FailureTest, ProgramThatFailsBecauseItsChildWasKilledForMemoryIsOutOfMemory) {
  Apply(JobManifest("parent", "dd if=/dev/zero of=/dev/null bs=256M; exit $?")
            .Set("/resources/memory", "48Mi"));
  const Json job = Await("parent", "Failed", [](const Json& seen) {
    return TextAt(seen, "/status/state") == "Failed";
  });
  EXPECT_EQ(137, NumberAt(job, "/status/failure/exitCode"));
  EXPECT_EQ("OutOfMemory", TextAt(job, "/status/failure/reason"));
}

}  // namespace
}  // namespace ffdl::e2e
