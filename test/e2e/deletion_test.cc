#include <gmock/gmock.h>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class DeletionTest : public Story {
 protected:
  std::vector<std::string> ClaimNames() {
    std::vector<std::string> names;
    for (const Json& claim : List("persistentvolumeclaims")) {
      names.push_back(TextAt(claim, "/metadata/name"));
    }
    return names;
  }
};

TEST_F(DeletionTest, TakesAllTheJobsObjectsAlongButNotTheUsersClaim) {
  Apply(ClaimManifest("results"));
  Apply(JobManifest("gone", "sleep 3600")
            .Learners(2)
            .SharedStorage()
            .StorageOfEachLearner()
            .ResultsIn("results"));
  AwaitState("gone", "Processing");
  EXPECT_THAT(ClaimNames(),
              UnorderedElementsAre("results", "gone-shared", "ffdl-storage-gone-learner-0",
                                   "ffdl-storage-gone-learner-1"));

  MustKubectl({"delete", "tj", "gone"});
  EXPECT_TRUE(Eventually([&] { return ChildrenOf("gone").empty(); }, kCleanUpMax))
      << testing::PrintToString(ChildrenOf("gone"));
  EXPECT_THAT(ClaimNames(), ElementsAre("results"));
}

TEST_F(DeletionTest, FinishedJobGivesUpTheClaimsThatItDoesNotKeep) {
  Apply(JobManifest("scratch", "true")
            .Learners(2)
            .SharedStorage()
            .StorageOfEachLearner()
            .Set("/storage/perLearner/whenFinished", "Delete"));
  AwaitState("scratch", "Completed");
  EXPECT_TRUE(Eventually([&] { return ClaimNames().size() == 1; }, kCleanUpMax));
  EXPECT_THAT(ClaimNames(), ElementsAre("scratch-shared"));
}

TEST_F(DeletionTest, NewJobOfTheSameNameStartsFromNothing) {
  Apply(JobManifest("again", "touch $JOB_STATE_DIR/seen; sleep 3600").SharedStorage());
  AwaitState("again", "Processing");
  MustKubectl({"delete", "tj", "again"});

  const std::size_t mark = jobs().size();
  Apply(JobManifest("again", "test ! -e $JOB_STATE_DIR/seen").SharedStorage());
  const Json done = AwaitState("again", "Completed", mark);
  EXPECT_EQ(1, NumberAt(done, "/status/attempt"));
}

}  // namespace
}  // namespace ffdl::e2e
