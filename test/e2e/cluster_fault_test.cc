// Learners that the cluster, or a person, takes away while they train.
#include <gmock/gmock.h>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

// Each learner trains until it is told to stop, and the next attempt finds that out and ends.
JobManifest TrainsUntilStopped(const std::string& name) {
  return JobManifest(name,
                     "trap 'touch $JOB_STATE_DIR/stopped; exit 143' TERM; "
                     "[ -e $JOB_STATE_DIR/stopped ] && exit 0; sleep 3600 & wait")
      .Learners(2)
      .SharedStorage();
}

class ClusterFaultTest : public Story {
 protected:
  // The job completes in its second attempt, and says what ended the first.
  void ExpectOneRestart(const std::string& job, const std::string& reason) {
    const Json completed = AwaitState(job, "Completed");
    EXPECT_EQ(2, NumberAt(completed, "/status/attempt"));
    EXPECT_EQ(1, NumberAt(completed, "/status/infrastructureRestarts"));
    EXPECT_EQ(reason, TextAt(completed, "/status/failure/reason"));
    EXPECT_EQ(reason, TextAt(completed, "/status/history/0/reason"));
    EXPECT_NE("", TextAt(completed, "/status/history/0/startTime"));
    EXPECT_EQ("AllLearnersSucceeded", TextAt(completed, "/status/history/1/reason"));
  }
};

TEST_F(ClusterFaultTest, DrainOfOneLearnerRestartsTheJobWithoutCostingTheProgramARestart) {
  Apply(TrainsUntilStopped("drained"));
  AwaitState("drained", "Processing");
  Evict("drained-learner-1");
  ExpectOneRestart("drained", "Evicted");
  const Json job = Get("tj", "drained");
  EXPECT_EQ(2, NumberAt(job, "/status/failure/learner"));
  EXPECT_THAT(TextAt(job, "/status/failure/message"),
              testing::MatchesRegex("learner 2 was evicted from node [^ ]+, as when a node is "
                                    "drained"));
}

TEST_F(ClusterFaultTest, PodThatIsDeletedByHandRestartsTheJob) {
  Apply(TrainsUntilStopped("robbed"));
  AwaitState("robbed", "Processing");
  MustKubectl({"delete", "pod", "robbed-learner-0", "--wait=false"});
  ExpectOneRestart("robbed", "LearnerDeleted");
}

TEST_F(ClusterFaultTest, StatefulSetThatIsDeletedByHandIsMadeAnewForTheNextAttempt) {
  Apply(TrainsUntilStopped("bereft"));
  AwaitState("bereft", "Processing");
  MustKubectl({"delete", "statefulset", "bereft-learner", "--wait=false"});
  ExpectOneRestart("bereft", "LearnerDeleted");
}

}  // namespace
}  // namespace ffdl::e2e
