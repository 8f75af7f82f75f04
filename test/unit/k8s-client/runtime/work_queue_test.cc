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
    while (const auto key = queue_.TryTake()) names += (names.empty() ? "" : ",") + key->name;
    return names;
  }

  test::VirtualTime time_;
  test::VirtualLoop loop_{time_};
  Random random_{1};
  Metrics metrics_;
  WorkQueue queue_;
};

TEST_F(WorkQueueTest, GivesEachKeyOnceInOrder) {
  queue_.Add(kB);
  queue_.Add(kA);
  queue_.Add(kB);
  EXPECT_EQ(2U, queue_.depth());
  EXPECT_EQ("b,a", TakeAll());
}

TEST_F(WorkQueueTest, NeverGivesOneKeyToTwoWorkersAndForgetsNoChange) {
  queue_.Add(kA);
  EXPECT_EQ("a", TakeAll());
  queue_.Add(kA);
  queue_.Add(kA);
  EXPECT_EQ("", TakeAll());
  queue_.Done(kA);
  EXPECT_EQ("a", TakeAll());
  queue_.Done(kA);
  EXPECT_EQ("", TakeAll());
}

TEST_F(WorkQueueTest, KeepsTheEarliestOfSeveralDelays) {
  queue_.AddAfter(kA, 10s);
  queue_.AddAfter(kA, 3s);
  queue_.AddAfter(kA, 20s);
  time_.RunFor(2999ms);
  EXPECT_EQ("", TakeAll());
  time_.RunFor(1ms);
  EXPECT_EQ("a", TakeAll());
  queue_.Done(kA);
  time_.RunFor(1min);
  EXPECT_EQ("", TakeAll());
}

TEST_F(WorkQueueTest, DropsADelayWhenAnEarlierPassBegins) {
  queue_.AddAfter(kA, 10s);
  queue_.Add(kA);
  EXPECT_EQ("a", TakeAll());
  queue_.AddAfter(kA, 30s);  // what this pass decided
  queue_.Done(kA);
  time_.RunFor(29s);
  EXPECT_EQ("", TakeAll());
  time_.RunFor(1s);
  EXPECT_EQ("a", TakeAll());
}

TEST_F(WorkQueueTest, DoublesTheDelayOfEachFailureUpTo5Minutes) {
  std::chrono::milliseconds full = 50ms;
  for (int failure = 1; failure <= 20; ++failure) {
    queue_.AddAfterFailure(kA);
    EXPECT_EQ(failure, queue_.failures(kA));
    time_.RunFor(full / 2 - 1ms);
    EXPECT_EQ("", TakeAll()) << failure;
    time_.RunFor(full / 2 + 1ms);
    EXPECT_EQ("a", TakeAll()) << failure;
    queue_.Done(kA);
    full = std::min<std::chrono::milliseconds>(full * 2, 5min);
  }
  queue_.Forget(kA);
  queue_.AddAfterFailure(kA);
  time_.RunFor(50ms);
  EXPECT_EQ("a", TakeAll());
}

TEST_F(WorkQueueTest, WaitsAtLeastAsLongAsTheServerAsked) {
  queue_.AddAfterFailure(kA, 30s);
  time_.RunFor(29s);
  EXPECT_EQ("", TakeAll());
  time_.RunFor(1s);
  EXPECT_EQ("a", TakeAll());
}

TEST_F(WorkQueueTest, TellsWhenItIsDrained) {
  queue_.Add(kA);
  queue_.Add(kB);
  EXPECT_EQ(kA, queue_.TryTake());
  bool drained = false;
  queue_.ShutDown([&] { drained = true; });
  EXPECT_FALSE(drained);
  queue_.Add(kC);
  EXPECT_EQ("", TakeAll());
  EXPECT_EQ(std::nullopt, queue_.Take());
  queue_.Done(kA);
  EXPECT_TRUE(drained);
}

TEST_F(WorkQueueTest, IsDrainedAtOnceWhenNobodyWorks) {
  queue_.AddAfter(kA, 1s);
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
  queue.Add(kA);
  queue.Add(kA);
  EXPECT_EQ(std::nullopt, queue.TryTake());
  EXPECT_EQ(0, announced);
  queue.Open();
  EXPECT_EQ(1, announced);
  EXPECT_EQ(kA, queue.TryTake());
}

class LimitedWorkQueueTest : public WorkQueueTest {
 protected:
  LimitedWorkQueueTest() : WorkQueueTest({.name = "test", .depth_max = 2, .processing_max = 2}) {}
};

TEST_F(LimitedWorkQueueTest, AsksForEveryKeyAgainAfterOneFoundItFull) {
  int refills = 0;
  queue_.OnRefill([&] {
    ++refills;
    queue_.Add(kC);
  });
  for (const ObjectKey& key : {kA, kB, kC}) queue_.Add(key);
  EXPECT_EQ("a,b", TakeAll());
  EXPECT_EQ(1, refills);
  queue_.Done(kA);
  EXPECT_EQ("c", TakeAll());
  EXPECT_EQ(1, refills);
}

TEST_F(LimitedWorkQueueTest, GivesNoMoreThanMayBeUnderWay) {
  queue_.Add(kA);
  queue_.Add(kB);
  EXPECT_EQ("a,b", TakeAll());
  queue_.Add(kC);
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
        while (const auto key = queue.Take()) {
          auto& busy = inside.at(static_cast<std::size_t>(std::stoi(key->name)));
          if (busy.fetch_add(1) != 0) ++overlaps;
          ++passes;
          busy.fetch_sub(1);
          queue.Done(*key);
        }
      });
    }
    for (int i = 0; i < 2000; ++i) queue.Add({"ml", std::to_string(i % kKeys)});
    while (queue.depth() + queue.processing() > 0) std::this_thread::yield();
    queue.ShutDown();
  }
  EXPECT_EQ(0, overlaps);
  EXPECT_GE(passes, kKeys);
}

}  // namespace
}  // namespace ffdl::k8s
