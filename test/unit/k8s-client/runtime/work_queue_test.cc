#include "k8s-client/runtime/work_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "test/support/virtual_time.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;

const ObjectKey kA{"ml", "a"};
const ObjectKey kB{"ml", "b"};
const ObjectKey kC{"ml", "c"};

class WorkQueueTest : public testing::Test {
 protected:
  explicit WorkQueueTest(WorkQueueOptions options = {.name = "test"})
      : queue_(std::move(options), loop_,
               {.clock = time_, .random = random_, .metrics = metrics_}) {
    queue_.Open();
  }

  // "a,b": everything that can be taken now; it stays with the worker.
  std::string TakeAll() {
    std::string names;
    while (const auto item = queue_.TryTake()) {
      names += (names.empty() ? "" : ",") + item->key.name;
      lane_ = item->lane;
    }
    return names;
  }
  void Add(const ObjectKey& key) { queue_.Add(key, Lane::kChild); }

  test::VirtualTime time_;
  test::VirtualLoop loop_{time_};
  Random random_{1};
  Metrics metrics_;
  WorkQueue queue_;
  Lane lane_ = Lane::kBackground;  // of the last key taken
};

TEST_F(WorkQueueTest, GivesEachKeyOnceInOrder) {
  Add(kB);
  Add(kA);
  Add(kB);
  EXPECT_EQ(2U, queue_.depth());
  EXPECT_EQ("b,a", TakeAll());
}

TEST_F(WorkQueueTest, NeverGivesOneKeyToTwoWorkersAndForgetsNoChange) {
  Add(kA);
  EXPECT_EQ("a", TakeAll());
  Add(kA);
  Add(kA);
  EXPECT_EQ("", TakeAll());
  queue_.Done(kA);
  EXPECT_EQ("a", TakeAll());
  queue_.Done(kA);
  EXPECT_EQ("", TakeAll());
}

TEST_F(WorkQueueTest, KeepsTheEarliestOfSeveralDelays) {
  queue_.AddAfter({kA}, 10s);
  queue_.AddAfter({kA}, 3s);
  queue_.AddAfter({kA}, 20s);
  time_.RunFor(2999ms);
  EXPECT_EQ("", TakeAll());
  time_.RunFor(1ms);
  EXPECT_EQ("a", TakeAll());
  queue_.Done(kA);
  time_.RunFor(1min);
  EXPECT_EQ("", TakeAll());
}

TEST_F(WorkQueueTest, DropsADelayWhenAnEarlierPassBegins) {
  queue_.AddAfter({kA}, 10s);
  Add(kA);
  EXPECT_EQ("a", TakeAll());
  queue_.AddAfter({kA}, 30s);  // what this pass decided
  queue_.Done(kA);
  time_.RunFor(29s);
  EXPECT_EQ("", TakeAll());
  time_.RunFor(1s);
  EXPECT_EQ("a", TakeAll());
}

TEST_F(WorkQueueTest, DoublesTheDelayOfEachFailureUpTo5Minutes) {
  std::chrono::milliseconds full = 50ms;
  for (int failure = 1; failure <= 20; ++failure) {
    queue_.AddAfterFailure({kA});
    EXPECT_EQ(failure, queue_.failures(kA));
    time_.RunFor(full / 2 - 1ms);
    EXPECT_EQ("", TakeAll()) << failure;
    time_.RunFor(full / 2 + 1ms);
    EXPECT_EQ("a", TakeAll()) << failure;
    queue_.Done(kA);
    full = std::min<std::chrono::milliseconds>(full * 2, 5min);
  }
  queue_.Forget(kA);
  queue_.AddAfterFailure({kA});
  time_.RunFor(50ms);
  EXPECT_EQ("a", TakeAll());
}

TEST_F(WorkQueueTest, WaitsAtLeastAsLongAsTheServerAsked) {
  queue_.AddAfterFailure({kA}, 30s);
  time_.RunFor(29s);
  EXPECT_EQ("", TakeAll());
  time_.RunFor(1s);
  EXPECT_EQ("a", TakeAll());
}

TEST_F(WorkQueueTest, TricklesWhileThrottledAndFlowsAfterwards) {
  int ready = 0;
  queue_.OnReady([&] { ++ready; });
  queue_.Throttle(1s);
  for (const ObjectKey& key : {kA, kB, kC}) Add(key);
  EXPECT_EQ("", TakeAll());
  EXPECT_EQ(0, ready);
  time_.RunFor(1s);
  EXPECT_EQ(1, ready);
  EXPECT_EQ("a", TakeAll());  // and no other before it is given back
  queue_.Throttle(1s);
  queue_.Done(kA);
  time_.RunFor(900ms);
  EXPECT_EQ("", TakeAll());
  queue_.Unthrottle();
  EXPECT_EQ("b,c", TakeAll());
}

TEST_F(WorkQueueTest, TakesTheMoreUrgentFirst) {
  queue_.Add(kA, Lane::kBackground);
  queue_.Add(kB, Lane::kSpec);
  queue_.Add(kC, Lane::kUrgent);
  EXPECT_EQ("c,b,a", TakeAll());
}

TEST_F(WorkQueueTest, BringsBackInItsLaneWhatWasPutOff) {
  queue_.AddAfter({kA, Lane::kUrgent}, 10s);
  queue_.Add(kA, Lane::kBackground);  // whoever wakes it knows nothing of lanes
  EXPECT_EQ("a", TakeAll());
  EXPECT_EQ(Lane::kUrgent, lane_);
  queue_.AddAfterFailure({kA, Lane::kSpec});
  queue_.Done(kA);
  time_.RunFor(1s);
  EXPECT_EQ("a", TakeAll());
  EXPECT_EQ(Lane::kSpec, lane_);
}

TEST_F(WorkQueueTest, TakesTheMostUrgentLaneOfWhatCameDuringAPass) {
  Add(kA);
  EXPECT_EQ("a", TakeAll());
  queue_.Add(kA, Lane::kSpec);
  queue_.Add(kA, Lane::kBackground);
  queue_.Done(kA);
  EXPECT_EQ("a", TakeAll());
  EXPECT_EQ(Lane::kSpec, lane_);
}

TEST_F(WorkQueueTest, MeasuresWorkUnderWay) {
  Add(kA);
  EXPECT_EQ("a", TakeAll());
  time_.RunFor(3s);
  Add(kB);
  EXPECT_EQ("b", TakeAll());
  time_.RunFor(2s);
  const std::string text = metrics_.Text();
  const std::string labels = R"({name="test",controller="test"})";
  for (const char* line :
       {"workqueue_unfinished_work_seconds@ 7\n",
        "workqueue_longest_running_processor_seconds@ 5\n", "workqueue_adds_total@ 2\n"}) {
    std::string want = line;
    want.replace(want.find('@'), 1, labels);
    EXPECT_NE(std::string::npos, text.find(want)) << want << text;
  }
}

TEST_F(WorkQueueTest, TellsWhenItIsDrained) {
  Add(kA);
  Add(kB);
  EXPECT_EQ(kA, queue_.TryTake()->key);
  bool drained = false;
  queue_.ShutDown([&] { drained = true; });
  EXPECT_FALSE(drained);
  Add(kC);
  EXPECT_EQ("", TakeAll());
  EXPECT_EQ(std::nullopt, queue_.Take());
  queue_.Done(kA);
  EXPECT_TRUE(drained);
}

TEST_F(WorkQueueTest, IsDrainedAtOnceWhenNobodyWorks) {
  queue_.AddAfter({kA}, 1s);
  bool drained = false;
  queue_.ShutDown([&] { drained = true; });
  EXPECT_TRUE(drained);
  time_.RunFor(1min);
  EXPECT_EQ(0U, queue_.depth());
}

TEST(StandbyWorkQueueTest, GathersKeysUntilItIsOpened) {
  test::VirtualTime time;
  test::VirtualLoop loop(time);
  Random random(1);
  Metrics metrics;
  WorkQueue queue({.name = "test"}, loop, {.clock = time, .random = random, .metrics = metrics});
  int announced = 0;
  queue.OnReady([&] { ++announced; });
  queue.Add(kA, Lane::kChild);
  queue.Add(kA, Lane::kChild);
  EXPECT_EQ(std::nullopt, queue.TryTake());
  EXPECT_EQ(0, announced);
  const std::string depth = R"(workqueue_depth{name="test",controller="test",priority="2",)";
  EXPECT_NE(std::string::npos, metrics.Text().find(depth + "standby=\"true\"} 1\n"));
  time.RunFor(1h);
  queue.Open();
  EXPECT_NE(std::string::npos, metrics.Text().find(depth + "standby=\"true\"} 0\n"));
  EXPECT_NE(std::string::npos, metrics.Text().find(depth + "standby=\"false\"} 1\n"));
  EXPECT_EQ(1, announced);
  EXPECT_EQ(kA, queue.TryTake()->key);
  // An hour of standing by is no hour of waiting.
  EXPECT_NE(std::string::npos, metrics.Text().find("workqueue_queue_duration_seconds_sum"
                                                   R"({name="test",controller="test"} 0)"));
}

class LimitedWorkQueueTest : public WorkQueueTest {
 protected:
  LimitedWorkQueueTest() : WorkQueueTest({.name = "test", .depth_max = 2, .processing_max = 2}) {}
};

TEST_F(LimitedWorkQueueTest, AsksForEveryKeyAgainAfterOneFoundItFull) {
  int refills = 0;
  queue_.OnRefill([&] {
    ++refills;
    Add(kC);
  });
  for (const ObjectKey& key : {kA, kB, kC}) Add(key);
  EXPECT_EQ("a,b", TakeAll());
  EXPECT_EQ(1, refills);
  queue_.Done(kA);
  EXPECT_EQ("c", TakeAll());
  EXPECT_EQ(1, refills);
}

TEST_F(LimitedWorkQueueTest, GivesNoMoreThanMayBeUnderWay) {
  Add(kA);
  Add(kB);
  EXPECT_EQ("a,b", TakeAll());
  Add(kC);
  EXPECT_EQ("", TakeAll());
  queue_.Done(kB);
  EXPECT_EQ("c", TakeAll());
}

TEST(WorkQueueThreadsTest, KeepOneKeyToOneWorkerUnderLoad) {
  test::VirtualTime time;
  test::VirtualLoop loop(time);
  Random random(1);
  Metrics metrics;
  WorkQueue queue({.name = "test"}, loop, {.clock = time, .random = random, .metrics = metrics});
  constexpr int kKeys = 4;
  std::array<std::atomic<int>, kKeys> inside{};
  std::atomic<int> passes{0};
  std::atomic<int> overlaps{0};
  queue.Open();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        while (const auto item = queue.Take()) {
          auto& busy = inside.at(static_cast<std::size_t>(std::stoi(item->key.name)));
          if (busy.fetch_add(1) != 0) ++overlaps;
          ++passes;
          busy.fetch_sub(1);
          queue.Done(item->key);
        }
      });
    }
    for (int i = 0; i < 2000; ++i) queue.Add({"ml", std::to_string(i % kKeys)}, Lane::kChild);
    while (queue.depth() + queue.processing() > 0) std::this_thread::yield();
    queue.ShutDown();
  }
  EXPECT_EQ(0, overlaps);
  EXPECT_GE(passes, kKeys);
}

}  // namespace
}  // namespace ffdl::k8s
