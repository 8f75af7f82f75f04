#include "k8s-client/net/liveness.h"

#include <gtest/gtest.h>

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;
using Next = Liveness::Next;

class LivenessStateTest : public testing::Test {
 protected:
  LivenessStateTest() { liveness_.OnStart(start_); }

  const Liveness::TimePoint start_ = Liveness::TimePoint(1h);
  Liveness liveness_{LivenessOptions{}};
};

TEST_F(LivenessStateTest, ProbesOnceTheConnectionWasSilentLongEnough) {
  EXPECT_EQ(Next::kWait, liveness_.Look(start_ + 14s));
  EXPECT_EQ(Next::kProbe, liveness_.Look(start_ + 15s));
  EXPECT_EQ(Next::kWait, liveness_.Look(start_ + 16s));  // one probe at a time
}

TEST_F(LivenessStateTest, GivesUpAfterTwoMissesInARow) {
  EXPECT_EQ(Next::kProbe, liveness_.Look(start_ + 15s));
  liveness_.OnProbeEnd(/*answered=*/false);
  EXPECT_EQ(Next::kProbe, liveness_.Look(start_ + 25s));
  liveness_.OnProbeEnd(/*answered=*/false);
  EXPECT_EQ(Next::kReplace, liveness_.Look(start_ + 35s));
}

TEST_F(LivenessStateTest, ForgetsAMissWhenAnythingIsRead) {
  EXPECT_EQ(Next::kProbe, liveness_.Look(start_ + 15s));
  liveness_.OnProbeEnd(/*answered=*/false);
  liveness_.OnRead(start_ + 25s);
  EXPECT_EQ(Next::kWait, liveness_.Look(start_ + 39s));
  EXPECT_EQ(Next::kProbe, liveness_.Look(start_ + 40s));
  liveness_.OnProbeEnd(/*answered=*/false);
  EXPECT_EQ(Next::kProbe, liveness_.Look(start_ + 50s));
}

TEST_F(LivenessStateTest, SaysWhenToLookAgain) {
  EXPECT_EQ(15s, liveness_.NextLook(start_));
  EXPECT_EQ(5s, liveness_.NextLook(start_ + 10s));
  EXPECT_EQ(15s, liveness_.NextLook(start_ + 15s));
}

}  // namespace
}  // namespace ffdl::k8s
