#include "k8s-client/runtime/consistency_tracker.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test/support/fake_cache.h"
#include "test/support/virtual_time.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;
using View = ConsistencyTracker::View;

const ObjectKey kJob{"ml", "bert"};
const ObjectKey kPod{"ml", "bert-0"};

class ConsistencyTrackerTest : public testing::Test {
 protected:
  ConsistencyTrackerTest() {
    for (test::FakeCache* cache : {&pods_, &sets_}) {
      tracker_.Use(*cache);
      cache->OnProgress([this, cache] { tracker_.OnProgress(cache->type()); });
    }
  }

  test::VirtualTime time_;
  Random random_{1};
  Metrics metrics_;
  test::FakeCache pods_{kPodType};
  test::FakeCache sets_{kStatefulSetType};
  std::vector<ObjectKey> woken_;
  ConsistencyTracker tracker_{[this](const ObjectKey& key) { woken_.push_back(key); },
                              {.clock = time_, .random = random_, .metrics = metrics_}};
};

TEST_F(ConsistencyTrackerTest, HasNothingToWaitForAtFirst) {
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

TEST_F(ConsistencyTrackerTest, WaitsUntilEveryCacheShowsTheKeysOwnWrites) {
  tracker_.RecordWrite(kJob, kPodType, "12");
  tracker_.RecordWrite(kJob, kStatefulSetType, "15");
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob));
  EXPECT_EQ(View::kCaughtUp, tracker_.Check({"ml", "other"}));
  pods_.AdvanceTo("12");
  EXPECT_TRUE(woken_.empty());
  sets_.AdvanceTo("14");
  EXPECT_TRUE(woken_.empty());
  sets_.AdvanceTo("16");
  EXPECT_EQ(std::vector<ObjectKey>{kJob}, woken_);
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

TEST_F(ConsistencyTrackerTest, WakesNobodyWhoDidNotAsk) {
  tracker_.RecordWrite(kJob, kPodType, "12");
  pods_.AdvanceTo("12");
  EXPECT_TRUE(woken_.empty());
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

TEST_F(ConsistencyTrackerTest, WaitsForTheHighestOfSeveralVersions) {
  for (const char* version : {"12", "100", "99"}) tracker_.RecordWrite(kJob, kPodType, version);
  pods_.AdvanceTo("99");
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob));
  pods_.AdvanceTo("100");
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

TEST_F(ConsistencyTrackerTest, DoesNotWaitForWhatCannotBeCompared) {
  tracker_.RecordWrite(kJob, kPodType, "");
  tracker_.RecordWrite(kJob, kPodType, "opaque");
  tracker_.RecordWrite(kJob, kServiceType, "12");  // no cache
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

TEST_F(ConsistencyTrackerTest, WaitsForADeletionByUid) {
  pods_.Hold(kPod, "old");
  tracker_.RecordDelete(kJob, kPodType, kPod, "old");
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob));
  pods_.Hold(kPod, "new");  // the name is taken again
  pods_.AdvanceTo("20");
  EXPECT_EQ(std::vector<ObjectKey>{kJob}, woken_);
}

TEST_F(ConsistencyTrackerTest, HasLaggingCachesFilledAgainAfter10Seconds) {
  tracker_.RecordWrite(kJob, kPodType, "12");
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob));
  time_.RunFor(9s);
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob));
  EXPECT_EQ(0, pods_.refills_requested);
  time_.RunFor(1s);
  EXPECT_EQ(View::kTimedOut, tracker_.Check(kJob));
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob));
  EXPECT_EQ(1, pods_.refills_requested);
  EXPECT_EQ(0, sets_.refills_requested);
  pods_.AdvanceTo("13");
  EXPECT_EQ(std::vector<ObjectKey>{kJob}, woken_);
}

TEST_F(ConsistencyTrackerTest, KnowsForHowLongACacheHasFailedToShowOurWrites) {
  EXPECT_EQ(0s, tracker_.LagOf(kPodType));
  tracker_.RecordWrite(kJob, kPodType, "12");
  time_.RunFor(3s);
  tracker_.RecordWrite({"ml", "other"}, kPodType, "14");
  EXPECT_EQ(3s, tracker_.LagOf(kPodType));
  EXPECT_EQ(0s, tracker_.LagOf(kStatefulSetType));
  time_.RunFor(2s);
  pods_.AdvanceTo("13");
  EXPECT_EQ(2s, tracker_.LagOf(kPodType));
  pods_.AdvanceTo("14");
  EXPECT_EQ(0s, tracker_.LagOf(kPodType));
  tracker_.RecordWrite(kJob, kPodType, "13");  // an answer that comes after its event
  time_.RunFor(1s);
  EXPECT_EQ(0s, tracker_.LagOf(kPodType));
}

TEST_F(ConsistencyTrackerTest, WantsUnknownWritesLookedUpFirst) {
  tracker_.RecordUnknown(kJob, kPodType, kPod);
  EXPECT_EQ(View::kUnknownWrite, tracker_.Check(kJob));
  ASSERT_EQ(1U, tracker_.UnknownWrites(kJob).size());
  EXPECT_EQ(kPod, tracker_.UnknownWrites(kJob)[0].key);
  tracker_.RecordLookedUp(kJob, kPodType, kPod, "30");
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob));
  pods_.AdvanceTo("30");
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

}  // namespace
}  // namespace ffdl::k8s
