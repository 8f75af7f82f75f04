#include "k8s-client/api/client.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "test/unit/k8s-client/api/canned_transport.h"

namespace ffdl::k8s {
namespace {

class ClientTest : public testing::Test {
 protected:
  [[nodiscard]] WriteResult Delete(const Preconditions& expected = {},
                                   std::optional<std::int64_t> grace_seconds = std::nullopt) {
    std::optional<WriteResult> result;
    client_.Delete(kPodType, {"ml", "bert-0"}, expected, {.grace_seconds = grace_seconds},
                   [&](WriteResult written) { result = std::move(written); });
    return std::move(*result);
  }
  [[nodiscard]] std::string Line() const { return transport_.Line(); }

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

// Zero, false and the empty text are things to ask for: a client that takes them for "not set"
// cannot scale to nothing, nor resume.
TEST_F(ClientTest, WritesZeroFalseAndEmpty) {
  client_.Apply(kStatefulSetType, {"ml", "bert"},
                {{"spec",
                  {{"replicas", 0},
                   {"suspend", false},
                   {"storageClassName", ""},
                   {"tolerations", nlohmann::json::array()},
                   {"securityContext", nlohmann::json::object()},
                   {"priority", nullptr}}}},
                {.field_manager = "a"}, [](const WriteResult&) {});
  EXPECT_EQ(R"({"spec":{"priority":null,"replicas":0,"securityContext":{},"storageClassName":"",)"
            R"("suspend":false,"tolerations":[]}})",
            transport_.request().body);
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

TEST_F(ClientTest, JsonPatches) {
  client_.JsonPatch(kPodType, {"ml", "bert-0"}, {{{"op", "remove"}, {"path", "/a"}}},
                    [](const WriteResult&) {});
  EXPECT_EQ("PATCH /api/v1/namespaces/ml/pods/bert-0", Line());
  EXPECT_EQ("application/json-patch+json", transport_.request().content_type);
  EXPECT_EQ(R"([{"op":"remove","path":"/a"}])", transport_.request().body);
}

TEST_F(ClientTest, DeletesDependentsAsAskedFor) {
  for (const auto& [propagation, word] : {std::pair{Propagation::kForeground, "Foreground"},
                                          std::pair{Propagation::kOrphan, "Orphan"}}) {
    client_.Delete(kPodType, {"ml", "bert-0"}, {}, {.propagation = propagation},
                   [](const WriteResult&) {});
    EXPECT_EQ(R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":")" +
                  std::string(word) + "\"}",
              transport_.request().body);
  }
}

TEST_F(ClientTest, DeletesWhatSelectorsChoose) {
  client_.DeleteCollection(kPodType, "ml",
                           {.label = "a in (b,c)", .field = "status.phase!=Running"},
                           {.grace_seconds = 0}, [](const WriteResult&) {});
  EXPECT_EQ(
      "DELETE /api/v1/namespaces/ml/pods?labelSelector=a%20in%20%28b%2Cc%29&"
      "fieldSelector=status.phase%21%3DRunning",
      Line());
  EXPECT_EQ(R"({"apiVersion":"v1","gracePeriodSeconds":0,"kind":"DeleteOptions",)"
            R"("propagationPolicy":"Background"})",
            transport_.request().body);
}

TEST_F(ClientTest, DeletesNoWholeCollection) {
  std::optional<WriteResult> result;
  client_.DeleteCollection(kPodType, "ml", {}, {},
                           [&](WriteResult written) { result = std::move(written); });
  EXPECT_EQ(WriteOutcome::kNotSent, result->outcome);
  EXPECT_EQ(ErrorCode::kInvalid, result->error.code);
  EXPECT_EQ("", transport_.request().path);
}

TEST_F(ClientTest, SendsNothingThatTheServerWouldNotRead) {
  std::optional<WriteResult> result;
  const auto create = [&](std::size_t bytes) {
    client_.Create(kServiceType, "ml", {{"a", std::string(bytes, 'a')}}, "ffdl",
                   [&](WriteResult written) { result = std::move(written); });
  };
  create(kRequestBytesMax - 8);  // {"a":""}
  EXPECT_EQ(WriteOutcome::kCommitted, result->outcome);
  create(kRequestBytesMax - 7);
  EXPECT_EQ(WriteOutcome::kNotSent, result->outcome);
  EXPECT_EQ(ErrorCode::kInvalid, result->error.code);
  EXPECT_EQ("the object has 3145729 bytes as JSON; the API server reads at most 3145728",
            result->error.message);
}

TEST_F(ClientTest, SaysWhereTheServerNotedARefusal) {
  HttpResponse refusal{.status = 429, .audit_id = "a1-7", .flow_schema = "u-1"};
  refusal.body = R"({"kind":"Status","reason":"TooManyRequests","message":"later"})";
  transport_.WillAnswer(refusal);
  const WriteResult result = Delete();
  EXPECT_EQ("HTTP 429 TooManyRequests: later (flow schema u-1)", result.error.message);
  EXPECT_EQ("HTTP 429 TooManyRequests: later (flow schema u-1) (audit ID a1-7)",
            Describe(result.error));
}

TEST_F(ClientTest, SaysWhetherARequestMayBeRepeated) {
  const auto ignore = [](const WriteResult&) {};
  const ObjectKey key{"ml", "bert-0"};
  client_.Get(kPodType, key, [](const Result<std::string>&) {});
  EXPECT_EQ(Repeat::kAnyTime, transport_.request().repeat);
  client_.Apply(kPodType, key, {}, {.field_manager = "a"}, ignore);
  EXPECT_EQ(Repeat::kAnyTime, transport_.request().repeat);
  client_.Delete(kPodType, key, {.uid = "u-1"}, {}, ignore);
  EXPECT_EQ(Repeat::kAnyTime, transport_.request().repeat);
  client_.Delete(kPodType, key, {}, {}, ignore);
  EXPECT_EQ(Repeat::kIfRefused, transport_.request().repeat);
  client_.Create(kPodType, "ml", {}, "a", ignore);
  EXPECT_EQ(Repeat::kIfRefused, transport_.request().repeat);
  client_.JsonPatch(kPodType, key, {}, ignore);
  EXPECT_EQ(Repeat::kIfRefused, transport_.request().repeat);
  client_.Replace(kLeaseType, key, {}, ignore);
  EXPECT_EQ(Repeat::kNever, transport_.request().repeat);
}

class DryRunTest : public testing::Test {
 protected:
  void Expect(const std::string& line) const { EXPECT_EQ(line, transport_.Line()); }

  CannedTransport transport_;
  Client client_{transport_, {.dry_run = true, .field_validation = FieldValidation::kStrict}};
};

TEST_F(DryRunTest, StandsOnEveryWrite) {
  const auto ignore = [](const WriteResult&) {};
  const ObjectKey key{"ml", "a"};
  const std::string pod = "/api/v1/namespaces/ml/pods/a";
  const std::string dry = "dryRun=All&fieldValidation=Strict";
  client_.Apply(kPodType, key, {}, {.field_manager = "f"}, ignore);
  Expect("PATCH " + pod + "?fieldManager=f&force=true&" + dry);
  client_.Create(kPodType, "ml", {}, "f", ignore);
  Expect("POST /api/v1/namespaces/ml/pods?fieldManager=f&" + dry);
  client_.Replace(kPodType, key, {}, ignore);
  Expect("PUT " + pod + "?" + dry);
  client_.MergePatch(kPodType, key, {}, /*status=*/true, ignore);
  Expect("PATCH " + pod + "/status?" + dry);
  client_.JsonPatch(kPodType, key, {}, ignore);
  Expect("PATCH " + pod + "?" + dry);
  client_.Delete(kPodType, key, {}, {}, ignore);
  Expect("DELETE " + pod + "?" + dry);
  client_.DeleteCollection(kPodType, "ml", {.label = "a=b"}, {}, ignore);
  Expect("DELETE /api/v1/namespaces/ml/pods?labelSelector=a%3Db&" + dry);
  client_.Evict(key, {}, {}, ignore);
  Expect("POST " + pod + "/eviction?" + dry);
  client_.SetScale(kStatefulSetType, key, 3, "", ignore);
  Expect("PATCH /apis/apps/v1/namespaces/ml/statefulsets/a/scale?" + dry);
  client_.Get(kPodType, key, [](const Result<std::string>&) {});
  Expect("GET " + pod);
}

}  // namespace
}  // namespace ffdl::k8s
