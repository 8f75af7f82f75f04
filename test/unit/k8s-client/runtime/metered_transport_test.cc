#include "k8s-client/runtime/metered_transport.h"

#include <gtest/gtest.h>

#include <string>

#include "k8s-client/net/retrying_transport.h"
#include "test/support/fake_transport.h"
#include "test/support/virtual_time.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;

class MeteredTransportTest : public testing::Test {
 protected:
  [[nodiscard]] bool Shows(const std::string& line) const {
    return metrics_.Text().find("\n" + line + "\n") != std::string::npos;
  }

  test::VirtualTime time_;
  Random random_{1};
  Metrics metrics_;
  test::FakeTransport wire_{time_};
  MeteredTransport metered_{
      wire_, "api:443", {.clock = time_, .random = random_, .metrics = metrics_}};
};

TEST_F(MeteredTransportTest, CountsWhatIsSentOnceMoreByWhatItWasAnsweredWith) {
  RetryingTransport retrying(metered_, time_);
  test::ScriptedServer server;
  server.On("GET /a", HttpResponse{.status = 503, .retry_after = 1s})
      .On("GET /a", test::FakeTransport::TimedOut())
      .On("GET /a", HttpResponse{.status = 503, .retry_after = 1s});
  wire_.server = server;
  HttpRequest request;
  request.path = "/a";
  request.timeout = 1min;
  request.repeat = Repeat::kAnyTime;
  int answers = 0;
  retrying.Send(request, [&](const auto& answer) { answers += answer ? 1 : 0; });
  time_.RunFor(1min);
  EXPECT_EQ(1, answers);
  EXPECT_TRUE(Shows(R"(rest_client_request_retries_total{code="503",verb="GET",host="api:443"} 2)"))
      << metrics_.Text();
  EXPECT_TRUE(
      Shows(R"(rest_client_request_retries_total{code="<error>",verb="GET",host="api:443"} 1)"));
  EXPECT_TRUE(Shows(R"(rest_client_requests_total{code="503",method="GET",host="api:443"} 2)"));
}

TEST_F(MeteredTransportTest, CountsNoRetryWhereThereIsNone) {
  wire_.server = test::ScriptedServer();
  metered_.Send({}, [](const auto&) {});
  time_.RunFor(1s);
  EXPECT_EQ(std::string::npos, metrics_.Text().find("rest_client_request_retries_total"));
}

TEST_F(MeteredTransportTest, PassesAWishForANewConnectionOn) {
  RetryingTransport retrying(metered_, time_);
  retrying.Reconnect("why");
  EXPECT_EQ(1, wire_.reconnects);
}

}  // namespace
}  // namespace ffdl::k8s
