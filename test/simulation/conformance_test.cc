// The model answers as the real API server does; test/e2e/conformance_test.cc asks that one.
#include "test/support/conformance.h"

#include <gtest/gtest.h>

#include <string>

#include "k8s-client/runtime/random.h"
#include "test/simulation/transport.h"

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;

class Client final : public Victim {
 public:
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] bool alive() const override { return true; }
  void Crash(bool) override {}
  void Pause() override {}
  void StopInOrder() override {}
  [[nodiscard]] std::chrono::milliseconds lease_duration() const override { return 15s; }

 private:
  const std::string name_ = "client";
};

class Collected final : public k8s::StreamSink {
 public:
  void OnHead(int status, std::chrono::milliseconds) override { response.status = status; }
  void OnBytes(std::string_view bytes) override { response.body += bytes; }
  void OnEnd(const k8s::Error*) override {}

  k8s::HttpResponse response;
};

TEST(ConformanceTest, TheModelAnswersLikeTheRealServer) {
  test::VirtualTime time;
  test::VirtualLoop servers(time);
  k8s::Random random(1);
  Trace trace(time, /*records=*/false);
  Injector faults({}, time, trace);
  ApiServer api(time);
  Frontend frontend(api, servers, 0ms);
  Network network{time, servers, random, faults, trace};
  Client client;
  ModelTransport transport(network, frontend, client);
  const auto exchange = [&](const k8s::HttpRequest& request) {
    Collected collected;
    if (request.path.find("watch=1") != std::string::npos) {
      transport.OpenStream(request, collected);
    } else {
      transport.Send(request, [&](tl::expected<k8s::HttpResponse, k8s::TransportError> answer) {
        collected.response = answer.value();
      });
    }
    time.RunFor(2s);
    return collected.response;
  };
  EXPECT_EQ(test::ConformingHistory(), test::PlayConformance(exchange));
}

}  // namespace
}  // namespace ffdl::simulation
