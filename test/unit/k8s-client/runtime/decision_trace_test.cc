#include "k8s-client/runtime/decision_trace.h"

#include <gtest/gtest.h>

#include <string>

namespace ffdl::k8s {
namespace {

ObjectKey Job(std::size_t number) { return {"ml", std::to_string(number)}; }

TEST(DecisionTraceTest, KeepsTheLast64OfAKey) {
  DecisionTrace trace;
  for (std::size_t i = 0; i < 70; ++i) trace.Record(Job(1), {.plan = std::to_string(i)});
  trace.RecordIdle(Job(1));
  trace.RecordIdle(Job(1));
  const auto decisions = trace.Of(Job(1));
  ASSERT_EQ(DecisionTrace::kPerKeyMax, decisions.size());
  EXPECT_EQ("6", decisions.front().plan);
  EXPECT_EQ("69", decisions.back().plan);
  EXPECT_EQ(2, decisions.back().idle_passes);
}

TEST(DecisionTraceTest, ForgetsTheKeyThatWasQuietForLongest) {
  DecisionTrace trace;
  const std::size_t keys = DecisionTrace::kTotalMax / DecisionTrace::kPerKeyMax;
  const auto fill = [&](std::size_t key) {
    for (std::size_t i = 0; i < DecisionTrace::kPerKeyMax; ++i) trace.Record(Job(key), {});
  };
  for (std::size_t key = 0; key < keys; ++key) fill(key);
  trace.Record(Job(0), {});
  EXPECT_EQ(keys, trace.Keys().size());
  trace.Record(Job(keys), {});
  EXPECT_TRUE(trace.Of(Job(1)).empty());
  EXPECT_FALSE(trace.Of(Job(0)).empty());
  EXPECT_EQ(Job(keys), trace.Keys().front());
  trace.RecordIdle(Job(1));
  EXPECT_TRUE(trace.Of(Job(1)).empty());
}

}  // namespace
}  // namespace ffdl::k8s
