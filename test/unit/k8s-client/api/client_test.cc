#include "k8s-client/api/client.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

namespace ffdl::k8s {
namespace {

using Answer = tl::expected<HttpResponse, TransportError>;

// Answers at once with what it was told, and keeps the request.
class CannedTransport final : public Transport {
 public:
  [[nodiscard]] EventLoop& loop() override { std::abort(); }
  void Send(HttpRequest request, Done done) override {
    request_ = std::move(request);
    done(answer_);
  }
  StreamId OpenStream(HttpRequest, StreamSink&) override { std::abort(); }
  void Close(StreamId) override {}

  void WillAnswer(int status, std::string body) {
    answer_ =
        HttpResponse{.status = status, .content_type = "application/json", .body = std::move(body)};
  }
  void WillFail(Delivery delivery) {
    answer_ = tl::unexpected(TransportError{delivery, {ErrorCode::kUnavailable, "no answer"}});
  }
  [[nodiscard]] const HttpRequest& request() const { return request_; }

 private:
  HttpRequest request_;
  Answer answer_ = HttpResponse{.status = 200, .body = "{}"};
};

class ClientTest : public testing::Test {
 protected:
  [[nodiscard]] WriteResult Delete(const Preconditions& expected = {},
                                   std::optional<std::int64_t> grace_seconds = std::nullopt) {
    std::optional<WriteResult> result;
    client_.Delete(kPodType, {"ml", "bert-0"}, expected, grace_seconds,
                   [&](WriteResult written) { result = std::move(written); });
    return std::move(*result);
  }
  [[nodiscard]] std::string Line() const {
    return transport_.request().method + " " + transport_.request().path;
  }

  CannedTransport transport_;
  Client client_{transport_};
};

TEST_F(ClientTest, Gets) {
  transport_.WillAnswer(200, "object");
  client_.Get(kPodType, {"ml", "bert-0"},
              [](const Result<std::string>& got) { EXPECT_EQ("object", got); });
  EXPECT_EQ("GET /api/v1/namespaces/ml/pods/bert-0", Line());
  EXPECT_EQ("", transport_.request().body);
}

TEST_F(ClientTest, Applies) {
  client_.Apply(kStatefulSetType, {"ml", "bert"}, {{"kind", "StatefulSet"}},
                {.field_manager = "a b"}, [](const WriteResult&) {});
  EXPECT_EQ("PATCH /apis/apps/v1/namespaces/ml/statefulsets/bert?fieldManager=a%20b&force=true",
            Line());
  EXPECT_EQ("application/apply-patch+yaml", transport_.request().content_type);
  EXPECT_EQ(R"({"kind":"StatefulSet"})", transport_.request().body);
}

TEST_F(ClientTest, AppliesStatusWithoutForce) {
  client_.Apply(kStatefulSetType, {"ml", "bert"}, {},
                {.field_manager = "a", .status = true, .force = false}, [](const WriteResult&) {});
  EXPECT_EQ("PATCH /apis/apps/v1/namespaces/ml/statefulsets/bert/status?fieldManager=a&force=false",
            Line());
}

TEST_F(ClientTest, Creates) {
  client_.Create(kServiceType, "ml", {{"kind", "Service"}}, "ffdl", [](const WriteResult&) {});
  EXPECT_EQ("POST /api/v1/namespaces/ml/services?fieldManager=ffdl", Line());
  EXPECT_EQ("application/json", transport_.request().content_type);
}

TEST_F(ClientTest, Replaces) {
  client_.Replace(kLeaseType, {"ml", "leader"}, {{"kind", "Lease"}}, [](const WriteResult&) {});
  EXPECT_EQ("PUT /apis/coordination.k8s.io/v1/namespaces/ml/leases/leader", Line());
}

TEST_F(ClientTest, MergePatches) {
  client_.MergePatch(kPodType, {"ml", "bert-0"}, {{"a", nullptr}}, /*status=*/true,
                     [](const WriteResult&) {});
  EXPECT_EQ("PATCH /api/v1/namespaces/ml/pods/bert-0/status", Line());
  EXPECT_EQ("application/merge-patch+json", transport_.request().content_type);
  EXPECT_EQ(R"({"a":null})", transport_.request().body);
}

TEST_F(ClientTest, DeletesInTheBackgroundWhatIsExpected) {
  EXPECT_EQ(WriteOutcome::kCommitted, Delete({.uid = "u-1", .resource_version = "42"}, 0).outcome);
  EXPECT_EQ("DELETE /api/v1/namespaces/ml/pods/bert-0", Line());
  EXPECT_EQ(
      R"({"apiVersion":"v1","gracePeriodSeconds":0,"kind":"DeleteOptions",)"
      R"("preconditions":{"resourceVersion":"42","uid":"u-1"},"propagationPolicy":"Background"})",
      transport_.request().body);
}

TEST_F(ClientTest, DeletesWhateverIsThereWhenNothingIsExpected) {
  EXPECT_EQ(WriteOutcome::kCommitted, Delete().outcome);
  EXPECT_EQ(R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background"})",
            transport_.request().body);
}

TEST_F(ClientTest, SendsTextThatIsNoUtf8WithReplacements) {
  client_.Create(kServiceType, "ml", {{"a", "\xFF"}}, "ffdl", [](const WriteResult&) {});
  EXPECT_EQ("{\"a\":\"\xEF\xBF\xBD\"}", transport_.request().body);
}

TEST_F(ClientTest, SaysWhatBecameOfAWrite) {
  transport_.WillAnswer(200, R"({"metadata":{"uid":"u-1","resourceVersion":"42"}})");
  const WriteResult committed = Delete();
  EXPECT_EQ(WriteOutcome::kCommitted, committed.outcome);
  EXPECT_EQ("u-1", committed.uid);
  EXPECT_EQ("42", committed.resource_version);

  transport_.WillAnswer(202, "accepted");  // nothing about the object: done all the same
  EXPECT_EQ(WriteOutcome::kCommitted, Delete().outcome);

  transport_.WillAnswer(409, R"({"kind":"Status","reason":"Conflict"})");
  const WriteResult rejected = Delete();
  EXPECT_EQ(WriteOutcome::kRejected, rejected.outcome);
  EXPECT_EQ(ErrorCode::kConflict, rejected.error.code);

  transport_.WillFail(Delivery::kNotSent);
  EXPECT_EQ(WriteOutcome::kNotSent, Delete().outcome);
  transport_.WillFail(Delivery::kUnknown);
  EXPECT_EQ(WriteOutcome::kUnknown, Delete().outcome);
}

// The server may give up waiting for its store, and a proxy for the server, while the write goes
// on.
TEST_F(ClientTest, TakesNoServerErrorForTheEndOfAWrite) {
  for (const int status : {500, 502, 503, 504}) {
    transport_.WillAnswer(status, "");
    EXPECT_EQ(WriteOutcome::kUnknown, Delete().outcome) << status;
  }
}

}  // namespace
}  // namespace ffdl::k8s
