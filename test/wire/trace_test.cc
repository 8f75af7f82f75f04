// What a collector of OpenTelemetry gets over the wire.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "operator/controller/trace_exporter.h"
#include "test/support/job_builder.h"
#include "test/wire/wire_test.h"

namespace ffdl::test {
namespace {

class TraceTest : public testing::Test {
 protected:
  TraceTest() { traces_.Lead(); }

  void EndJob() {
    const v1::TrainingJob before = testing_support::JobBuilder("bert").Build();
    v1::TrainingJob after = before;
    after.meta.uid = "0b8f6c46-4f0b-4bb5-8d1c-6f2f4e0a1d01";
    after.status.state = v1::State::kCompleted;
    after.status.completion_time = k8s::Time(std::chrono::hours(1));
    traces_.Note(&before, &after);
  }

  k8s::Random random_{1};
  k8s::Metrics metrics_;
  std::promise<SeenRequest> seen_;
  ScriptedServer collector_{TestAuthority(), {}, [this](const SeenRequest& request, Peer& peer) {
                              seen_.set_value(request);
                              peer.Write(Answer(200, R"({"partialSuccess":{}})"));
                            }};
  // Below a path, as gateways have collectors.
  std::unique_ptr<k8s::CurlTransport> transport_ = Connect(
      {.server = collector_.url(), .path_prefix = "/otlp", .ca_pem = TestAuthority().pem()});
  server::TraceExporter traces_{
      transport_.get(), {.clock = k8s::SystemClock(), .random = random_, .metrics = metrics_}};
};

TEST_F(TraceTest, IsOneRequestOfOtlpInJson) {
  EndJob();
  std::future<SeenRequest> seen = seen_.get_future();
  ASSERT_EQ(std::future_status::ready, seen.wait_for(kPatience));
  const SeenRequest request = seen.get();
  EXPECT_EQ("POST", request.method);
  EXPECT_EQ("/otlp/v1/traces", request.target);
  EXPECT_EQ("application/json", request.headers.at("content-type"));
  EXPECT_FALSE(request.headers.contains("authorization")) << "the cluster's token is not for it";

  const auto spans = nlohmann::json::parse(request.body)
                         .at("resourceSpans")
                         .at(0)
                         .at("scopeSpans")
                         .at(0)
                         .at("spans");
  ASSERT_EQ(1U, spans.size());
  EXPECT_EQ("0b8f6c464f0b4bb58d1c6f2f4e0a1d01", spans[0].at("traceId"));
  EXPECT_EQ("3600000000000", spans[0].at("endTimeUnixNano"));
}

}  // namespace
}  // namespace ffdl::test
