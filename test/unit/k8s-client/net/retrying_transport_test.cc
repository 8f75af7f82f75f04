#include "k8s-client/net/retrying_transport.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "test/support/fake_transport.h"

namespace ffdl::test {
namespace {

using namespace std::chrono_literals;
using k8s::Delivery;
using k8s::Repeat;

const std::string route = "GET /a";

FakeTransport::Answer Busy(int status, std::chrono::milliseconds retry_after) {
  return k8s::HttpResponse{.status = status, .retry_after = retry_after};
}

class RetryingTransportTest : public testing::Test {
 protected:
  void Send(Repeat repeat, std::chrono::milliseconds timeout = 10s,
            const FakeTransport::Server& server = {}) {
    k8s::HttpRequest request;
    request.path = "/a";
    request.timeout = timeout;
    request.repeat = repeat;
    base_.server = server ? server : std::ref(server_);
    transport_.Send(request, [&](FakeTransport::Answer answer) {
      EXPECT_FALSE(answer_);
      answer_ = std::move(answer);
    });
    time_.RunFor(1h);
    ASSERT_TRUE(answer_);
  }
  [[nodiscard]] int Status() const { return *answer_ ? (**answer_).status : 0; }

  VirtualTime time_;
  FakeTransport base_{time_};
  ScriptedServer server_;
  k8s::RetryingTransport transport_{base_, time_};
  std::optional<FakeTransport::Answer> answer_;
};

TEST_F(RetryingTransportTest, WaitsAsLongAsTheServerAsks) {
  std::vector<std::chrono::nanoseconds> times;
  const auto server = [&](const k8s::HttpRequest& request) {
    times.push_back(time_.Steady());
    return server_(request);
  };
  server_.On(route, Busy(429, 3s));
  Send(Repeat::kIfRefused, 10s, server);
  EXPECT_EQ(200, Status());
  ASSERT_EQ(2U, times.size());
  EXPECT_GE(times.at(1) - times.at(0), 3s);
}

TEST_F(RetryingTransportTest, RepeatsOnlyWhatWasRefusedUnlessToldOtherwise) {
  server_.On(route, Busy(503, 1s));
  Send(Repeat::kIfRefused);
  EXPECT_EQ(503, Status());
}

TEST_F(RetryingTransportTest, RepeatsReadsWhateverHappened) {
  server_.On(route, Busy(503, 1s)).On(route, FakeTransport::TimedOut()).On(route, Busy(500, 1s));
  Send(Repeat::kAnyTime);
  EXPECT_EQ(200, Status());
  EXPECT_EQ(4U, base_.requests.size());
}

TEST_F(RetryingTransportTest, RepeatsOnlyOnceWhatTheServerDidNotAskFor) {
  server_.On(route, FakeTransport::TimedOut()).On(route, FakeTransport::TimedOut());
  Send(Repeat::kAnyTime);
  EXPECT_FALSE(*answer_);
  EXPECT_EQ(2U, base_.requests.size());
}

TEST_F(RetryingTransportTest, SaysWhatARequestWasAnsweredWithBefore) {
  server_.On(route, Busy(503, 1s)).On(route, FakeTransport::TimedOut());
  Send(Repeat::kAnyTime);
  std::vector<std::string> before;
  for (const k8s::HttpRequest& request : base_.requests) before.push_back(request.answered_before);
  EXPECT_EQ((std::vector<std::string>{"", "503", "<error>"}), before);
}

TEST_F(RetryingTransportTest, RepeatsNothingThatMustNot) {
  server_.On(route, Busy(429, 1s));
  Send(Repeat::kNever);
  EXPECT_EQ(429, Status());
}

TEST_F(RetryingTransportTest, TakesA429WithoutATimeForTheCallersBusiness) {
  server_.On(route, Busy(429, 0s));
  Send(Repeat::kAnyTime);
  EXPECT_EQ(429, Status());
}

TEST_F(RetryingTransportTest, TakesAnErrorOfTheServerItselfForFinal) {
  server_.On(route, Busy(500, 0s));
  Send(Repeat::kAnyTime);
  EXPECT_EQ(500, Status());
}

TEST_F(RetryingTransportTest, NeverGoesPastTheTimeOut) {
  server_.otherwise = Busy(429, 3s);
  const auto began = time_.Steady();
  Send(Repeat::kAnyTime, 10s);
  EXPECT_EQ(429, Status());
  EXPECT_EQ(4U, base_.requests.size());
  for (const k8s::HttpRequest& request : base_.requests) EXPECT_LE(request.timeout, 10s);
  EXPECT_LE(base_.requests.back().timeout, 1s);
  EXPECT_GE(time_.Steady() - began, 9s);
}

TEST_F(RetryingTransportTest, GivesUpInTheEnd) {
  server_.otherwise = Busy(503, 1s);
  Send(Repeat::kAnyTime, 1h);
  EXPECT_EQ(503, Status());
  EXPECT_EQ(10U, base_.requests.size());
}

TEST_F(RetryingTransportTest, RemembersThatAnEarlierTryMayHaveBeenCarriedOut) {
  server_.On(route, Busy(504, 0s)).On(route, FakeTransport::NotSent());
  Send(Repeat::kAnyTime);
  ASSERT_FALSE(*answer_);
  EXPECT_EQ(Delivery::kUnknown, answer_->error().delivery);
}

TEST_F(RetryingTransportTest, LeavesRequestsThatWereNotSentToTheirCaller) {
  server_.On(route, FakeTransport::NotSent());
  Send(Repeat::kAnyTime);
  ASSERT_FALSE(*answer_);
  EXPECT_EQ(Delivery::kNotSent, answer_->error().delivery);
  EXPECT_EQ(1U, base_.requests.size());
}

}  // namespace
}  // namespace ffdl::test
