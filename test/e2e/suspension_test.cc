#include <gmock/gmock.h>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

using testing::HasSubstr;

// Counts for ever; once it finds that somebody counted before, it goes on from there and ends. The
// checkpoint is whole at any time, as that of a real program must be.
constexpr const char* kCount =
    "mkdir -p $CHECKPOINT_DIR\n"
    "file=$CHECKPOINT_DIR/count-$LEARNER_ID\n"
    "n=$(cat $file 2>/dev/null || echo 0)\n"
    "if [ $n -gt 0 ]; then echo goes on from $n > $RESULT_DIR/end-$LEARNER_ID; exit 0; fi\n"
    "while true; do\n"
    "  n=$((n + 1)); echo $n > $file.new; mv $file.new $file; echo $n > $STORAGE_DIR/count; sleep "
    "0.2\n"
    "done\n";

class SuspensionTest : public Story {
 protected:
  // Suspends the job and waits until it rests. Returns the number of the next change.
  std::size_t Suspend(const std::string& job) {
    const std::size_t mark = jobs().size();
    Edit(job, {{"suspend", true}});
    AwaitState(job, "Halted", mark);
    return jobs().size();
  }

  void AwaitCheckpointOf(int learner) {
    const std::string number = std::to_string(learner);
    EXPECT_TRUE(Eventually(
        [&] {
          return Kubectl({"exec", "count-learner-" + std::to_string(learner - 1), "--", "sh", "-c",
                          "test -s $CHECKPOINT_DIR/count-" + number})
              .ok();
        },
        kPhaseMax))
        << "learner " << number << " does not count";
  }
};

TEST_F(SuspensionTest, KeepsClaimsAndGoesOnFromTheCheckpoint) {
  Apply(ClaimManifest("results"));
  Apply(JobManifest("count", kCount).Learners(2).StorageOfEachLearner().ResultsIn("results"));
  AwaitState("count", "Processing");
  AwaitCheckpointOf(1);
  AwaitCheckpointOf(2);

  const auto asked = std::chrono::steady_clock::now();
  const std::size_t mark = Suspend("count");
  EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(30));
  const Json halted = Get("tj", "count");
  EXPECT_EQ("suspended as asked; set `spec.suspend` to false to go on",
            TextAt(ConditionOf(halted, "Ready"), "/message"));
  EXPECT_TRUE(List("pods").empty());
  EXPECT_EQ(3U, List("persistentvolumeclaims").size()) << "one of each learner, and the results";

  Edit("count", {{"suspend", false}});
  const Json done = AwaitState("count", "Completed", mark);
  EXPECT_EQ(2, NumberAt(done, "/status/attempt"));
  EXPECT_EQ(0, NumberAt(done, "/status/restarts"));
  EXPECT_TRUE(At(done, "/status/failure").is_null());
}

// A program that knows nothing of signals is told by a command of the job's.
constexpr const char* kDeafToSignals =
    "trap '' TERM\n"
    "[ -e $CHECKPOINT_DIR/saved ] && exit 0\n"
    "until [ -e /tmp/save ]; do sleep 0.1; done\n"
    "mkdir -p $CHECKPOINT_DIR; echo learner $LEARNER_ID >$CHECKPOINT_DIR/saved; exit 7\n";

TEST_F(SuspensionTest, CheckpointCommandRunsInTheLearnerBeforeItIsStopped) {
  Apply(ClaimManifest("results"));
  Apply(JobManifest("deaf", kDeafToSignals)
            .ResultsIn("results")
            .Set("/checkpoint", {{"gracePeriodSeconds", 60},
                                 {"command",
                                  {"sh", "-c",
                                   "echo saving learner $LEARNER_ID; touch /tmp/save; "
                                   "until [ -e $CHECKPOINT_DIR/saved ]; do sleep 0.1; "
                                   "done"}}}));
  AwaitState("deaf", "Processing");
  EXPECT_EQ(60, NumberAt(Get("pod", "deaf-learner-0"), "/spec/terminationGracePeriodSeconds"));

  const std::size_t mark = Suspend("deaf");
  Edit("deaf", {{"suspend", false}});
  EXPECT_EQ(2, NumberAt(AwaitState("deaf", "Completed", mark), "/status/attempt"));
}

TEST_F(SuspensionTest, CommandCanBeEditedWhileSuspendedAndOnlyThen) {
  const Json new_command = {{"command", {"sh", "-c", "exit 0"}}};
  Apply(JobManifest("edited", "sleep 3600"));
  AwaitState("edited", "Processing");

  const CommandResult refused = TryEdit("edited", new_command);
  EXPECT_FALSE(refused.ok());
  EXPECT_THAT(refused.err,
              HasSubstr("`spec.command` can only be changed while the job is suspended: "
                        "set `spec.suspend` to true first"));

  const std::size_t mark = Suspend("edited");
  Edit("edited", new_command);
  Edit("edited", {{"suspend", false}});
  AwaitState("edited", "Completed", mark);
}

TEST_F(SuspensionTest, JobThatIsCreatedSuspendedWaitsForItsFirstAttempt) {
  Apply(JobManifest("later", "exit 0").Set("/suspend", true));
  AwaitState("later", "Halted");
  EXPECT_TRUE(List("pods").empty());
  Edit("later", {{"suspend", false}});
  EXPECT_EQ(1, NumberAt(AwaitState("later", "Completed"), "/status/attempt"));
}

TEST_F(SuspensionTest, LearnersGetTheTimeToSaveWhatTheyHave) {
  Apply(JobManifest("saver",
                    "mkdir -p $CHECKPOINT_DIR\n"
                    "if [ -e $CHECKPOINT_DIR/saved ]; then exit 0; fi\n"
                    "trap 'sleep 2; touch $CHECKPOINT_DIR/saved; exit 143' TERM\n"
                    "while true; do sleep 0.1; done\n")
            .SharedStorage());
  AwaitState("saver", "Processing");
  const std::size_t mark = Suspend("saver");
  Edit("saver", {{"suspend", false}});
  AwaitState("saver", "Completed", mark);
}

}  // namespace
}  // namespace ffdl::e2e
