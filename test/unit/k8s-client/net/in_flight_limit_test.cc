#include "k8s-client/net/in_flight_limit.h"

#include <gtest/gtest.h>

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;

void Answer(InFlightLimit& limit, int count, std::chrono::milliseconds took = 5ms) {
  for (int i = 0; i < count; ++i) limit.OnAnswer(/*too_many_requests=*/false, took);
}

TEST(InFlightLimitTest, StandsStillUnlessItMayAdapt) {
  InFlightLimit limit({.most = 64});
  Answer(limit, 1000, 5s);
  limit.OnAnswer(/*too_many_requests=*/true, 5ms);
  EXPECT_EQ(64, limit.limit());
}

TEST(InFlightLimitTest, GrowsByOneARoundUpToItsEnd) {
  InFlightLimit limit({.adaptive = true, .most = 34});
  EXPECT_EQ(32, limit.limit());
  Answer(limit, 31);
  EXPECT_EQ(32, limit.limit());
  Answer(limit, 1);
  EXPECT_EQ(33, limit.limit());
  Answer(limit, 1000);
  EXPECT_EQ(34, limit.limit());
}

TEST(InFlightLimitTest, FallsAtOnceButOnceARoundWhenTheServerHasTooMuch) {
  InFlightLimit limit({.adaptive = true});
  for (int i = 0; i < 10; ++i) limit.OnAnswer(/*too_many_requests=*/true, 5ms);
  EXPECT_EQ(22, limit.limit());
  Answer(limit, 12);  // the rest of the round does not raise it
  EXPECT_EQ(22, limit.limit());
  Answer(limit, 22);
  EXPECT_EQ(23, limit.limit());
}

TEST(InFlightLimitTest, FallsWhenMoreThanOneAnswerInAHundredIsSlow) {
  InFlightLimit limit({.adaptive = true});
  Answer(limit, 1, 1001ms);
  Answer(limit, 31);
  EXPECT_EQ(22, limit.limit());
}

TEST(InFlightLimitTest, NeverFallsToNothing) {
  InFlightLimit limit({.adaptive = true, .least = 2});
  for (int i = 0; i < 1000; ++i) limit.OnAnswer(/*too_many_requests=*/true, 5ms);
  EXPECT_EQ(2, limit.limit());
}

}  // namespace
}  // namespace ffdl::k8s
