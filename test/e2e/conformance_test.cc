// What the simulation's model of an API server leans on, asked of the real one.
#include "test/support/conformance.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "k8s-client/api/blocking.h"
#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/net/curl_transport.h"
#include "test/e2e/harness/api_server.h"
#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

using namespace std::chrono_literals;
using Answer = tl::expected<k8s::HttpResponse, k8s::TransportError>;

TEST(ConformanceTest, TheRealServerAnswersAsTheModelDoes) {
  const EmptyApiServer server;  // no controllers, which would write in between
  const CommandResult installed = server.Kubectl(
      {"apply", "--server-side", "-f", FFDL_SOURCE_DIR "/crds/schema/ffdl.io_trainingjobs.yaml"});
  ASSERT_TRUE(installed.ok()) << installed.err;
  // Asked until it is served: `kubectl wait` for the condition fails on a definition so new that
  // its list of conditions is null.
  ASSERT_TRUE(Eventually(
      [&] {
        return server.Kubectl({"get", "--raw", "/apis/ffdl.io/v1/trainingjobs"}).ok();
      },
      60s));

  const auto cluster = k8s::LoadClusterConfig({.kubeconfig = server.kubeconfig()});
  ASSERT_TRUE(cluster) << cluster.error().message;
  auto transport = k8s::CurlTransport::Open(*cluster, {.thread_name = "conformance"});
  ASSERT_TRUE(transport) << transport.error().message;
  const auto exchange = [&](const k8s::HttpRequest& request) -> k8s::HttpResponse {
    const auto answer =
        k8s::WaitFor<Answer>(60s, [&](auto done) { (*transport)->Send(request, std::move(done)); });
    if (!answer || !*answer) throw std::runtime_error("no answer to " + request.path);
    return **answer;
  };
  EXPECT_EQ(test::ConformingHistory(), test::PlayConformance(exchange));
}

}  // namespace
}  // namespace ffdl::e2e
