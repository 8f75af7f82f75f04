#include "operator/controller/refusals.h"

#include <gtest/gtest.h>

#include <vector>

namespace ffdl::server {
namespace {

using namespace std::chrono_literals;

const k8s::ObjectKey kJob{.ns = "ml", .name = "bert"};
const k8s::Error kOverQuota{.code = k8s::ErrorCode::kForbidden, .message = "exceeded quota: team"};
constexpr k8s::Time kStart{1'000'000s};

class RefusalsTest : public ::testing::Test {
 protected:
  // The time for which a refusal at `now_` keeps the job from being tried.
  std::chrono::seconds StandsFor(std::int64_t generation = 1) {
    refusals_.Add(kJob, generation, kOverQuota, now_);
    const k8s::Time from = now_;
    while (refusals_.Standing(kJob, generation, now_)) now_ += 1s;
    return std::chrono::duration_cast<std::chrono::seconds>(now_ - from);
  }

  Refusals refusals_;
  k8s::Time now_ = kStart;
};

TEST_F(RefusalsTest, ARefusedJobIsTriedAgainAfterTwiceTheTimeUpToFiveMinutes) {
  std::vector<std::chrono::seconds> waits;
  for (int i = 0; i < 8; ++i) waits.push_back(StandsFor());
  EXPECT_EQ((std::vector<std::chrono::seconds>{5s, 10s, 20s, 40s, 80s, 160s, 300s, 300s}), waits);
}

TEST_F(RefusalsTest, TellsWhatWasRefusedAndWhenTheJobIsTriedAgain) {
  refusals_.Add(kJob, 1, kOverQuota, now_);
  const auto standing = refusals_.Standing(kJob, 1, now_ + 2s);
  ASSERT_TRUE(standing);
  EXPECT_EQ("exceeded quota: team", standing->error.message);
  EXPECT_EQ(now_ + 5s, standing->again_at);
}

TEST_F(RefusalsTest, AnEditIsTriedAtOnceAndFromTheFirstTimeOn) {
  EXPECT_EQ(5s, StandsFor());
  EXPECT_EQ(10s, StandsFor());
  refusals_.Add(kJob, 1, kOverQuota, now_);
  EXPECT_FALSE(refusals_.Standing(kJob, 2, now_));
  EXPECT_EQ(5s, StandsFor(2));
}

TEST_F(RefusalsTest, AJobThatWentOnForLongStartsFromTheFirstTime) {
  EXPECT_EQ(5s, StandsFor());
  EXPECT_EQ(10s, StandsFor());
  now_ += 1h;
  EXPECT_EQ(5s, StandsFor());
}

TEST_F(RefusalsTest, AJobThatIsGoneIsForgotten) {
  refusals_.Add(kJob, 1, kOverQuota, now_);
  refusals_.Forget(kJob);
  EXPECT_FALSE(refusals_.Standing(kJob, 1, now_));
}

TEST_F(RefusalsTest, HoldsNoMoreThanItsLimit) {
  for (std::size_t i = 0; i <= Refusals::kMax; ++i) {
    refusals_.Add({.ns = "ml", .name = std::to_string(i)}, 1, kOverQuota, now_);
  }
  std::size_t standing = 0;
  for (std::size_t i = 0; i <= Refusals::kMax; ++i) {
    const k8s::ObjectKey job{.ns = "ml", .name = std::to_string(i)};
    standing += refusals_.Standing(job, 1, now_).has_value() ? 1 : 0;
  }
  EXPECT_EQ(Refusals::kMax, standing);
}

}  // namespace
}  // namespace ffdl::server
