#include "k8s-client/runtime/leader_elector.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "test/support/fake_transport.h"
#include "test/support/virtual_time.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::FakeTransport;

// The one lease of a cluster, as the API server keeps it.
class LeaseServer {
 public:
  std::optional<FakeTransport::Answer> operator()(const HttpRequest& request) {
    if (down) return std::nullopt;
    if (request.method == "GET") return lease ? Stored() : FakeTransport::Status(404, "NotFound");
    const json body = json::parse(request.body);
    if (request.method == "POST") {
      return lease ? FakeTransport::Status(409, "AlreadyExists") : Store(body);
    }
    if (!lease) return FakeTransport::Status(404, "NotFound");
    if (body["metadata"]["resourceVersion"] != (*lease)["metadata"]["resourceVersion"]) {
      return FakeTransport::Status(409, "Conflict");
    }
    FakeTransport::Answer answer = Store(body);
    if (lose_answers) return std::nullopt;
    return answer;
  }

  [[nodiscard]] std::string holder() const { return (*lease)["spec"]["holderIdentity"]; }
  // As another client would, say kubectl.
  void Touch() { (*lease)["metadata"]["resourceVersion"] = std::to_string(++version_); }

  std::optional<json> lease;
  bool down = false;
  bool lose_answers = false;

 private:
  FakeTransport::Answer Store(json body) {
    body["metadata"]["resourceVersion"] = std::to_string(++version_);
    lease = std::move(body);
    return Stored();
  }
  FakeTransport::Answer Stored() { return FakeTransport::Ok(lease->dump()); }

  int version_ = 100;
};

// One process.
struct Replica {
  Replica(const std::string& name, test::VirtualTime& time, LeaseServer& server)
      : random(std::hash<std::string>{}(name)), transport(time) {
    transport.server = [this, &server](const HttpRequest& request) {
      return cut_off ? std::optional<FakeTransport::Answer>() : server(request);
    };
    elector = std::make_unique<LeaderElector>(
        LeaderElectorOptions{.lease = {"ffdl", "operator"}, .identity = name}, transport,
        LeaderElector::Callbacks{.on_started = [this] { ++started; },
                                 .on_lost = [this] { ++lost; }},
        RuntimeContext{.clock = time, .random = random, .metrics = metrics});
    elector->Start();
  }
  [[nodiscard]] bool MayWrite() const { return elector->MayWrite(0ms); }

  Random random;
  Metrics metrics;
  FakeTransport transport;
  bool cut_off = false;
  int started = 0;
  int lost = 0;
  std::unique_ptr<LeaderElector> elector;
};

class LeaderElectorTest : public testing::Test {
 protected:
  // Lets time pass and looks every 10 ms whether two may write.
  void RunFor(std::chrono::milliseconds span) {
    for (std::chrono::milliseconds passed{0}; passed < span; passed += 10ms) {
      time_.RunFor(10ms);
      ASSERT_FALSE(a_.MayWrite() && b_.MayWrite()) << "at " << passed.count() << " ms";
    }
  }
  std::chrono::milliseconds UntilLeads(Replica& replica) {
    std::chrono::milliseconds waited{0};
    for (; !replica.elector->leads() && waited < 5min; waited += 10ms) {
      time_.RunFor(10ms);
      EXPECT_FALSE(a_.MayWrite() && b_.MayWrite());
    }
    return waited;
  }

  test::VirtualTime time_;
  LeaseServer server_;
  Replica a_{"a", time_, server_};
  Replica b_{"b", time_, server_};
};

TEST_F(LeaderElectorTest, OneLeadsAndKeepsLeading) {
  RunFor(1s);
  EXPECT_TRUE(a_.elector->leads());
  RunFor(10min);
  EXPECT_TRUE(a_.MayWrite());
  EXPECT_EQ(1, a_.started);
  EXPECT_EQ(0, b_.started);
  EXPECT_EQ("a", server_.holder());
  EXPECT_EQ(15, (*server_.lease)["spec"]["leaseDurationSeconds"]);
}

TEST_F(LeaderElectorTest, RenewsWithoutReading) {
  RunFor(1s);
  a_.transport.requests.clear();
  RunFor(1min);
  for (const HttpRequest& request : a_.transport.requests) EXPECT_EQ("PUT", request.method);
  EXPECT_GE(a_.transport.requests.size(), 28U);
}

TEST_F(LeaderElectorTest, AReleasedLeaseIsTakenWithin2Seconds) {
  RunFor(20s);
  bool released = false;
  a_.elector->Stop([&] { released = true; });
  EXPECT_FALSE(a_.MayWrite());
  EXPECT_LT(UntilLeads(b_), 2s);
  EXPECT_TRUE(released);
  EXPECT_EQ(0, a_.lost);
  EXPECT_EQ(1, (*server_.lease)["spec"]["leaseTransitions"]);
}

TEST(LeaderElectorTakeoverTest, AKilledLeaderIsFollowedWithinTheLeaseAndASecond) {
  // However long ago its last renewal was.
  for (std::chrono::milliseconds phase{0}; phase < 2s; phase += 50ms) {
    test::VirtualTime time;
    LeaseServer server;
    Replica a("a", time, server);
    Replica b("b", time, server);
    time.RunFor(20s + phase);
    ASSERT_TRUE(a.elector->leads());
    a.cut_off = true;
    std::chrono::milliseconds waited{0};
    for (; !b.elector->leads() && waited < 1min; waited += 10ms) time.RunFor(10ms);
    EXPECT_LE(waited, 16s) << phase.count() << " ms";
  }
}

TEST_F(LeaderElectorTest, AReleaseSurvivesAChangeOfTheLeaseByOthers) {
  RunFor(20s);
  server_.Touch();
  bool released = false;
  a_.elector->Stop([&] { released = true; });
  time_.RunFor(100ms);
  EXPECT_TRUE(released);
  EXPECT_EQ("", server_.holder());
}

TEST_F(LeaderElectorTest, ALeaderThatIsCutOffStopsWritingBeforeAnotherLeads) {
  RunFor(20s);
  a_.cut_off = true;
  RunFor(7s);
  EXPECT_EQ(0, a_.lost);
  const auto waited = UntilLeads(b_);
  EXPECT_EQ(1, a_.lost);
  EXPECT_FALSE(a_.MayWrite());
  EXPECT_LE(7s + waited, 20s);
  RunFor(1min);
  EXPECT_EQ(1, a_.lost);
}

TEST_F(LeaderElectorTest, ATimeoutThatReachesPastTheLeaseIsRefused) {
  RunFor(1s);
  EXPECT_TRUE(a_.elector->MayWrite(6s));
  EXPECT_FALSE(a_.elector->MayWrite(13s));
  a_.cut_off = true;
  RunFor(8s);
  EXPECT_TRUE(a_.elector->MayWrite(1s));
  EXPECT_FALSE(a_.elector->MayWrite(6s));
}

TEST_F(LeaderElectorTest, AFrozenProcessMayNotWriteWhenItWakes) {
  RunFor(20s);
  a_.transport.loop().Pause();
  EXPECT_LE(UntilLeads(b_), 20s);
  EXPECT_FALSE(a_.MayWrite());  // before any of its code has run
  a_.transport.loop().Resume();
  RunFor(10s);
  EXPECT_EQ(1, a_.lost);
  EXPECT_TRUE(b_.MayWrite());
}

TEST_F(LeaderElectorTest, ASleepOfTheMachineClosesTheGate) {
  RunFor(20s);
  time_.Skip(1h);
  EXPECT_FALSE(a_.MayWrite());
  time_.RunReady();
  EXPECT_EQ(1, a_.lost);
}

TEST_F(LeaderElectorTest, SlowRenewalsCountFromWhenTheyWereSent) {
  a_.transport.latency = 4500ms;
  a_.transport.requests.clear();
  b_.cut_off = true;
  ASSERT_LE(UntilLeads(a_), 30s);
  // The renewal that made it leader was sent 4.5 s ago: 15 s - 2 s - 4.5 s are left.
  EXPECT_TRUE(a_.elector->MayWrite(8400ms));
  EXPECT_FALSE(a_.elector->MayWrite(8600ms));
  b_.cut_off = false;
  RunFor(2min);
  EXPECT_EQ(0, a_.lost);
  EXPECT_EQ(0, b_.started);
}

TEST_F(LeaderElectorTest, ARenewalWhoseAnswerIsLostIsFoundByReading) {
  RunFor(20s);
  server_.lose_answers = true;
  RunFor(4s);
  server_.lose_answers = false;
  RunFor(1min);
  EXPECT_TRUE(a_.MayWrite());
  EXPECT_EQ(0, a_.lost);
  EXPECT_NE(std::string::npos,
            a_.metrics.Text().find("leader_election_slowpath_total{name=\"operator\"} "));
}

TEST_F(LeaderElectorTest, FollowersDoNotTrustTheClocksOfOthers) {
  // Renewed long ago by its own account; to us it is news.
  server_.lease = json{{"metadata", {{"name", "operator"}, {"resourceVersion", "7"}}},
                       {"spec",
                        {{"holderIdentity", "someone"},
                         {"leaseDurationSeconds", 15},
                         {"renewTime", "2001-01-01T00:00:00.000000Z"}}}};
  RunFor(14s);
  EXPECT_EQ(0, a_.started + b_.started);
  RunFor(5s);
  EXPECT_EQ(1, a_.started + b_.started);
}

TEST_F(LeaderElectorTest, AnotherHolderEndsOurTermAtOnce) {
  RunFor(20s);
  (*server_.lease)["spec"]["holderIdentity"] = "someone";
  server_.Touch();
  RunFor(3s);
  EXPECT_EQ(1, a_.lost);
  EXPECT_FALSE(a_.MayWrite());
}

TEST_F(LeaderElectorTest, AConflictOnRenewalIsReadAndRenewedAgain) {
  RunFor(20s);
  server_.Touch();  // kubectl annotate, say
  a_.transport.requests.clear();
  RunFor(3s);
  ASSERT_GE(a_.transport.requests.size(), 3U);
  EXPECT_EQ("PUT", a_.transport.requests[0].method);
  EXPECT_EQ("GET", a_.transport.requests[1].method);
  EXPECT_EQ("PUT", a_.transport.requests[2].method);
  EXPECT_TRUE(a_.MayWrite());
  EXPECT_EQ(0, a_.lost);
}

TEST_F(LeaderElectorTest, EveryAttemptHasHalfTheDeadlineAtMost) {
  RunFor(20s);
  for (const HttpRequest& request : a_.transport.requests) EXPECT_LE(request.timeout, 5s);
}

TEST_F(LeaderElectorTest, ALoopThatDoesNotTurnIsOverdueBeforeOthersMayLead) {
  RunFor(20s);
  EXPECT_FALSE(a_.elector->overdue());
  a_.transport.loop().Pause();
  std::chrono::milliseconds waited{0};
  for (; !a_.elector->overdue() && waited < 1min; waited += 10ms) RunFor(10ms);
  EXPECT_LE(waited, 13s);
  EXPECT_EQ(0, b_.started);
  EXPECT_EQ(0, a_.lost) << "nobody else has noticed";
  EXPECT_FALSE(b_.elector->overdue());
}

TEST_F(LeaderElectorTest, AnOutageShorterThanTheDeadlineGoesUnnoticed) {
  RunFor(20s);
  server_.down = true;
  RunFor(6s);
  server_.down = false;
  RunFor(30s);
  EXPECT_EQ(0, a_.lost);
  EXPECT_TRUE(a_.MayWrite());
}

TEST(LeaderElectorIdentityTest, IsDifferentForEveryProcess) {
  Random random(7);
  const std::string first = MakeIdentity("node-1", random);
  EXPECT_EQ(0U, first.find("node-1_"));
  EXPECT_NE(first, MakeIdentity("node-1", random));
}

}  // namespace
}  // namespace ffdl::k8s
