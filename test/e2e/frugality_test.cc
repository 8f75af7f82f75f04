// No write that changes nothing.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "test/e2e/harness/audit_log.h"
#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

// Long enough for resyncs, retries and the settling of numbers to show.
constexpr std::chrono::seconds kQuiet{5};

class FrugalityTest : public Story {
 protected:
  std::vector<Request> StatusWrites() {
    std::vector<Request> writes = WritesIn(ns(), kOperatorUser);
    std::erase_if(writes, [](const Request& write) { return write.subresource != "status"; });
    return writes;
  }

  // Whatever is on its way has time to arrive; then nothing more may come.
  void ExpectNoWritesFromNowOn() {
    std::this_thread::sleep_for(kQuiet);
    const std::size_t before = WritesIn(ns(), kOperatorUser).size();
    std::this_thread::sleep_for(kQuiet);
    const std::vector<Request> after = WritesIn(ns(), kOperatorUser);
    EXPECT_EQ(before, after.size()) << Describe(after);
  }
};

TEST_F(FrugalityTest, JobOfOneLearnerCostsAtMostThreeStatusWritesAndEachChangesSomething) {
  Apply(JobManifest("thrifty", "sleep 3"));
  AwaitState("thrifty", "Completed");
  ExpectNoWritesFromNowOn();

  const std::vector<Request> writes = StatusWrites();
  EXPECT_LE(writes.size(), 3U) << Describe(writes);
  // A write that changes nothing gets a 200, too, but nobody who watches sees it.
  // Who begins to watch late is shown the first one together with the job.
  const std::vector<Change> changes = jobs().All();
  const auto seen = std::ranges::count_if(changes, [](const Change& change) {
    return !TextAt(change.object, "/status/state").empty();
  });
  EXPECT_EQ(static_cast<std::ptrdiff_t>(writes.size()), seen) << Describe(writes);
}

TEST_F(FrugalityTest, WholeLifeOfAJobCostsFewWrites) {
  Apply(JobManifest("pair", "sleep 2").Learners(2));
  AwaitState("pair", "Completed");
  ExpectNoWritesFromNowOn();

  std::vector<Request> writes = WritesIn(ns(), kOperatorUser);
  std::erase_if(writes, [](const Request& write) { return write.resource == "events"; });
  // The Service, the StatefulSet and its scaling to zero; the status when the learners are asked
  // for, when they run and at the end, and twice more if the second learner starts and ends more
  // than a moment after the first.
  EXPECT_LE(writes.size(), 8U) << Describe(writes);
}

TEST_F(FrugalityTest, RunningJobCostsNothing) {
  Apply(JobManifest("steady", "sleep 3600").Learners(2));
  AwaitState("steady", "Processing");
  ExpectNoWritesFromNowOn();
}

TEST_F(FrugalityTest, WaitingJobCostsNothing) {
  Apply(JobManifest("stuck", "exit 0").Set("/resources/memory", "64Ti"));
  AwaitReason("stuck", "WaitingForCapacity");
  ExpectNoWritesFromNowOn();
}

}  // namespace
}  // namespace ffdl::e2e
