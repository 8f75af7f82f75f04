// The verbs on subresources: eviction, scale, log.
#include <gtest/gtest.h>

#include <optional>

#include "k8s-client/api/client.h"
#include "test/unit/k8s-client/api/canned_transport.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;

class SubresourcesTest : public testing::Test {
 protected:
  [[nodiscard]] WriteResult Evict(const Preconditions& expected = {},
                                  const DeleteOptions& options = {}) {
    std::optional<WriteResult> result;
    client_.Evict({"ml", "bert-0"}, expected, options,
                  [&](WriteResult written) { result = std::move(written); });
    return std::move(*result);
  }
  [[nodiscard]] Result<Scale> GetScale() {
    std::optional<Result<Scale>> result;
    client_.GetScale(kStatefulSetType, {"ml", "bert"},
                     [&](Result<Scale> scale) { result = std::move(scale); });
    return std::move(*result);
  }

  CannedTransport transport_;
  Client client_{transport_};
};

TEST_F(SubresourcesTest, EvictionNamesThePodAndWhatIsExpectedOfIt) {
  transport_.WillAnswer(201, R"({"kind":"Status","status":"Success"})");
  const WriteResult evicted = Evict({.uid = "u-1"}, {.grace_seconds = 5});
  EXPECT_EQ(WriteOutcome::kCommitted, evicted.outcome);
  EXPECT_EQ("", evicted.resource_version);
  EXPECT_EQ("POST /api/v1/namespaces/ml/pods/bert-0/eviction", transport_.Line());
  EXPECT_EQ(R"({"apiVersion":"policy/v1","deleteOptions":{"gracePeriodSeconds":5,)"
            R"("preconditions":{"uid":"u-1"},"propagationPolicy":"Background"},"kind":"Eviction",)"
            R"("metadata":{"name":"bert-0","namespace":"ml"}})",
            transport_.request().body);
  EXPECT_EQ(Repeat::kNever, transport_.request().repeat);
}

TEST_F(SubresourcesTest, EvictionThatABudgetForbidsIsNoFailureOfTheServer) {
  transport_.WillAnswer(429, R"({"kind":"Status","reason":"TooManyRequests",
      "message":"Cannot evict pod as it would violate the pod's disruption budget.",
      "details":{"causes":[{"reason":"DisruptionBudget"}],"retryAfterSeconds":10}})");
  const WriteResult refused = Evict();
  EXPECT_EQ(WriteOutcome::kRejected, refused.outcome);
  EXPECT_TRUE(refused.error.IsDisruptionBudget());
  EXPECT_EQ(10s, refused.error.retry_after);
  transport_.WillAnswer(429, R"({"kind":"Status","reason":"TooManyRequests"})");
  EXPECT_FALSE(Evict().error.IsDisruptionBudget());
}

TEST_F(SubresourcesTest, EvictionHasTheFourOutcomesOfEveryWrite) {
  transport_.WillAnswer(503, "");
  EXPECT_EQ(WriteOutcome::kUnknown, Evict().outcome);
  transport_.WillFail(Delivery::kUnknown);
  EXPECT_EQ(WriteOutcome::kUnknown, Evict().outcome);
  transport_.WillFail(Delivery::kNotSent);
  EXPECT_EQ(WriteOutcome::kNotSent, Evict().outcome);
}

TEST_F(SubresourcesTest, ScaleIsRead) {
  transport_.WillAnswer(200, R"({"kind":"Scale","metadata":{"resourceVersion":"42"},
      "spec":{"replicas":3},"status":{"replicas":2,"selector":"a=b"}})");
  const Result<Scale> scale = GetScale();
  ASSERT_TRUE(scale) << scale.error().message;
  EXPECT_EQ("GET /apis/apps/v1/namespaces/ml/statefulsets/bert/scale", transport_.Line());
  EXPECT_EQ(3, scale->replicas);
  EXPECT_EQ(2, scale->status_replicas);
  EXPECT_EQ("a=b", scale->selector);
  EXPECT_EQ("42", scale->resource_version);
}

TEST_F(SubresourcesTest, ScaleWithoutReplicasIsZero) {
  transport_.WillAnswer(200, R"({"kind":"Scale","spec":{},"status":{"replicas":"many"}})");
  EXPECT_EQ(0, GetScale()->replicas);
  EXPECT_EQ(0, GetScale()->status_replicas);
}

TEST_F(SubresourcesTest, ScaleThatIsNoneIsABadAnswer) {
  for (const char* body : {"", "[]", R"({"kind":"Pod"})", "\xFF"}) {
    transport_.WillAnswer(200, body);
    EXPECT_EQ(ErrorCode::kBadResponse, GetScale().error().code) << body;
  }
  transport_.WillAnswer(404, "");
  EXPECT_EQ(ErrorCode::kNotFound, GetScale().error().code);
}

TEST_F(SubresourcesTest, ScaleIsSetToZeroAsWell) {
  std::optional<WriteResult> result;
  transport_.WillAnswer(200, R"({"kind":"Scale","metadata":{"uid":"u-1","resourceVersion":"43"}})");
  client_.SetScale(kStatefulSetType, {"ml", "bert"}, 0, "42",
                   [&](WriteResult written) { result = std::move(written); });
  EXPECT_EQ("PATCH /apis/apps/v1/namespaces/ml/statefulsets/bert/scale", transport_.Line());
  EXPECT_EQ(R"({"metadata":{"resourceVersion":"42"},"spec":{"replicas":0}})",
            transport_.request().body);
  EXPECT_EQ("43", result->resource_version);
}

class NoSink final : public StreamSink {
 public:
  void OnHead(int, std::chrono::milliseconds) override {}
  void OnBytes(std::string_view) override {}
  void OnEnd(const Error*) override {}
};

TEST_F(SubresourcesTest, LogIsAskedForInWords) {
  NoSink sink;
  client_.StreamLog({"ml", "bert-0"}, {}, sink);
  EXPECT_EQ("GET /api/v1/namespaces/ml/pods/bert-0/log", transport_.Line());
  EXPECT_EQ("*/*", transport_.request().accept);
  client_.StreamLog({"ml", "bert-0"},
                    {.container = "learner",
                     .follow = true,
                     .previous = true,
                     .timestamps = true,
                     .since = ParseTime("2026-01-02T03:04:05Z"),
                     .tail_lines = 10,
                     .limit_bytes = 1000},
                    sink);
  EXPECT_EQ(
      "GET /api/v1/namespaces/ml/pods/bert-0/log?container=learner&follow=true&previous=true&"
      "timestamps=true&sinceTime=2026-01-02T03%3A04%3A05Z&tailLines=10&limitBytes=1000",
      transport_.Line());
}

}  // namespace
}  // namespace ffdl::k8s
