// Several reflectors and a server that is away, on a virtual clock.
#include "k8s-client/informer/outage.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>

#include "k8s-client/informer/informer.h"
#include "test/support/fake_transport.h"
#include "test/support/virtual_time.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;

class OutageTest : public testing::Test {
 protected:
  // One type and its line to the server, so that the test can break each on its own.
  struct Type {
    Type(test::VirtualTime& time, Outage& outage, RuntimeContext context)
        : transport(time),
          pods({.type = kPodType, .outage = &outage}, ReadPod, transport, std::move(context)) {}

    test::FakeTransport transport;
    Informer<Pod> pods;
  };

  OutageTest() {
    outage_.OnOver([this] { ++over_; });
    for (int i = 0; i < 8; ++i) {
      types_.emplace_back(time_, outage_,
                          RuntimeContext{.clock = time_, .random = random_, .metrics = metrics_});
      types_.back().pods.Start();
    }
    time_.RunReady();
  }

  // Lets time pass in which nobody gets an answer.
  void BeAwayFor(std::chrono::milliseconds how_long) {
    constexpr std::chrono::milliseconds kStep{10};
    for (std::chrono::milliseconds passed{0}; passed < how_long; passed += kStep) {
      BreakAll();
      time_.RunFor(kStep);
    }
    BreakAll();
  }
  void BreakAll() {
    for (Type& type : types_) {
      if (type.transport.streaming()) type.transport.Break();
    }
  }
  std::size_t Attempts() {
    std::size_t attempts = 0;
    for (const Type& type : types_) attempts += type.transport.streams.size();
    return attempts;
  }
  int Streaming() {
    int streaming = 0;
    for (const Type& type : types_) streaming += type.transport.streaming() ? 1 : 0;
    return streaming;
  }
  // The first whose attempt is under way once there is one.
  Type& NextToAsk() {
    for (int i = 0; i < 1'000 && Streaming() == 0; ++i) time_.RunFor(10ms);
    for (Type& type : types_) {
      if (type.transport.streaming()) return type;
    }
    ADD_FAILURE() << "nobody asks";
    return types_.front();
  }

  test::VirtualTime time_;
  Random random_{1};
  Metrics metrics_;
  Outage outage_;
  int over_ = 0;
  std::deque<Type> types_;
};

TEST_F(OutageTest, AServerThatIsAwayIsAskedAboutOnceASecondHoweverManyTypesThereAre) {
  BeAwayFor(1s);
  const std::size_t before = Attempts();
  BeAwayFor(60s);
  const std::size_t attempts = Attempts() - before;
  EXPECT_GE(attempts, 60'000U / 1'200U);
  // The one that asks does so after 960 ms at least, each other comes once or twice.
  EXPECT_LE(attempts, 60'000U / 960U + 2 * (types_.size() - 1));
  EXPECT_EQ(0, over_);
}

TEST_F(OutageTest, AllTryAtOnceWhenOneIsAnswered) {
  BeAwayFor(20s);
  NextToAsk().transport.Head(200);
  EXPECT_EQ(1, over_);
  EXPECT_EQ(8, Streaming());
  for (Type& type : types_) type.transport.Head(200);
  EXPECT_EQ(1, over_) << "an outage ends once";
}

TEST_F(OutageTest, OneWatchThatFailsAloneIsBackInASecond) {
  for (Type& type : types_) type.transport.Head(200);
  Type& unlucky = types_[3];
  unlucky.transport.Break();
  time_.RunFor(800ms);
  ASSERT_TRUE(unlucky.transport.streaming());
  unlucky.transport.Break();  // before an answer came: that is an outage, for all it knows
  EXPECT_FALSE(unlucky.transport.streaming());
  time_.RunFor(1'200ms);
  EXPECT_TRUE(unlucky.transport.streaming());
}

TEST_F(OutageTest, NobodyWaitsForEverForOneThatIsNeverAnswered) {
  BeAwayFor(5s);
  Type& asking = NextToAsk();
  for (int i = 0; i < 6'100; ++i) {
    if (asking.transport.streaming()) asking.transport.Break();
    time_.RunFor(10ms);
  }
  EXPECT_GE(Streaming(), 7);
}

TEST_F(OutageTest, WhoeverAskedAndStoppedIsFollowedByTheNextThatFails) {
  BeAwayFor(5s);
  Type& asked = NextToAsk();
  asked.pods.Stop([] {});
  time_.RunReady();
  BeAwayFor(60s);  // each of the others comes once at least
  const std::size_t before = Attempts();
  BeAwayFor(10s);
  EXPECT_GE(Attempts() - before, 8U);
}

TEST_F(OutageTest, AnAnswerThatSaysNoIsNoOutage) {
  BreakAll();
  Type& asking = NextToAsk();
  asking.transport.Refuse(403, R"({"kind":"Status","code":403,"reason":"Forbidden"})");
  EXPECT_EQ(1, over_);
  EXPECT_EQ(7, Streaming());
  // It waits as long as it would have, whatever the others hear.
  types_.back().transport.Head(200);
  EXPECT_EQ(7, Streaming());
}

}  // namespace
}  // namespace ffdl::k8s
