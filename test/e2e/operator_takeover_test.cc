// Two operators and one lease, judged by what the API server noted in its audit log.
#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <iostream>

#include "test/e2e/harness/api_server.h"
#include "test/e2e/harness/audit_log.h"
#include "test/e2e/harness/operator_process.h"
#include "test/e2e/harness/story_failure.h"

namespace ffdl::e2e {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;
using testing::AnyOf;
using testing::HasSubstr;

constexpr seconds kLease{11};  // the shortest that the operator accepts with a period of a second
// From the death of a leader to the next write: its lease, and so much for the standby to notice.
constexpr seconds kNoticeMax{1};
// From the SIGTERM of a leader to the next one's first write.
constexpr seconds kHandOverMax{2};

class OperatorTakeoverTest : public StoryWithoutOperator {
 protected:
  void SetUp() override {
    StoryWithoutOperator::SetUp();
    MustKubectl(
        {"delete", "lease", "ffdl-operator", "--namespace=ffdl-system", "--ignore-not-found"});
  }

  // Returns when its caches are filled.
  static std::unique_ptr<OperatorProcess> Start(const std::string& name) {
    const std::string address = "127.0.0.1:" + std::to_string(FreePort());
    auto started = std::make_unique<OperatorProcess>(
        name, Words{"--http_address=" + address,
                    "--lease_duration_seconds=" + std::to_string(kLease.count()),
                    "--renew_deadline_seconds=5", "--retry_period_seconds=1"});
    const auto ready = [&] {
      return RunCommand({"curl", "--silent", "--fail", "http://" + address + "/readyz"}).ok();
    };
    if (!Eventually(ready, kPhaseMax)) throw StoryFailure(name + " does not become ready");
    return started;
  }

  std::string Leader() {
    return MustKubectl({"get", "lease", "ffdl-operator", "--namespace=ffdl-system",
                        "--ignore-not-found", "--output", "jsonpath={.spec.holderIdentity}"});
  }

  // Waits until somebody else than `old` leads, and returns who it is.
  std::string AwaitLeaderAfter(const std::string& old) {
    std::string leader;
    const auto another_leads = [&] {
      leader = Leader();
      return !leader.empty() && leader != old;
    };
    if (!Eventually(another_leads, kPhaseMax)) throw StoryFailure("nobody leads");
    return leader;
  }

  void ExpectJobCompletes(const std::string& name) {
    Apply(JobManifest(name, "exit 0"));
    AwaitState(name, "Completed");
  }

  // What it wrote into our namespace, with success, oldest first; without events, which decide
  // nothing and are told when the lease has been given back.
  std::vector<Request> WritesBy(const OperatorProcess& one) {
    std::vector<Request> requests = RequestsBy(one.credential());
    std::erase_if(requests, [&](const Request& request) {
      return !request.Writes() || !request.Succeeded() || request.ns != ns() ||
             request.resource == "events";
    });
    return requests;
  }

  // The first write of the one that took over at `begin`, after which its predecessor wrote
  // nothing.
  Request FirstWriteAfter(const OperatorProcess& old, const OperatorProcess& successor,
                          system_clock::time_point begin, const std::string& what) {
    const std::vector<Request> before = WritesBy(old);
    const std::vector<Request> after = WritesBy(successor);
    if (before.empty() || after.empty()) throw StoryFailure("one of the two never wrote");
    EXPECT_LT(before.back().at, after.front().received) << "both wrote";
    took_ = MomentOf(after.front().at) - begin;
    std::cout << what << ": the next write came after "
              << std::chrono::duration<double>(took_).count() << " s\n";
    return after.front();
  }

  system_clock::duration took_{};
};

TEST_F(OperatorTakeoverTest, StandbyWritesWithinTheLeaseAndASecondOfTheLeadersDeath) {
  const auto first = Start("first");
  AwaitLeaderAfter("");
  const auto second = Start("second");
  ExpectJobCompletes("before");
  EXPECT_TRUE(WritesBy(*second).empty()) << "a standby wrote";

  const auto killed = system_clock::now();
  first->Signal(SIGKILL);
  ExpectJobCompletes("after");
  FirstWriteAfter(*first, *second, killed, "kill");
  EXPECT_LT(took_, kLease + kNoticeMax);
}

TEST_F(OperatorTakeoverTest, LeaderThatEndsInOrderHandsOverWithin2SecondsAndNothingIsReadAnew) {
  const auto first = Start("first");
  AwaitLeaderAfter("");
  const auto second = Start("second");
  ExpectJobCompletes("before");

  const auto told = system_clock::now();
  first->Signal(SIGTERM);
  ExpectJobCompletes("after");
  EXPECT_EQ(0, first->WaitFor(seconds(30))) << first->Log();
  const Request next = FirstWriteAfter(*first, *second, told, "orderly end");
  EXPECT_LT(took_, kHandOverMax);

  std::vector<Request> fills = RequestsBy(second->credential());
  ASSERT_FALSE(fills.empty());
  std::erase_if(fills, [&](const Request& request) {
    return MomentOf(request.received) < told || request.received > next.received ||
           (request.verb != "list" && request.uri.find("sendInitialEvents") == std::string::npos);
  });
  EXPECT_TRUE(fills.empty()) << Describe(fills);
}

TEST_F(OperatorTakeoverTest, LeaderThatWasFrozenTriesNoWriteOnceItsLeaseIsLost) {
  const auto first = Start("first");
  const std::string first_name = AwaitLeaderAfter("");
  const auto second = Start("second");
  Apply(JobManifest("long", "sleep 20"));
  AwaitState("long", "Processing");

  const auto frozen = system_clock::now();
  first->Signal(SIGSTOP);  // the event that tells of it is still to be sent
  AwaitLeaderAfter(first_name);
  // There is much to write when the first one wakes up, and it does not know yet.
  for (const char* name : {"one", "two", "three"}) Apply(JobManifest(name, "exit 0"));
  const auto awake = system_clock::now();
  first->Signal(SIGCONT);
  const std::optional<int> end = first->WaitFor(seconds(30));
  ASSERT_TRUE(end) << "went on without the lease: " << first->Log();
  EXPECT_EQ(1, *end);
  EXPECT_THAT(first->Log(),
              AnyOf(HasSubstr("the lease ran out unseen"), HasSubstr("lost the lease")));
  for (const char* name : {"one", "two", "three", "long"}) AwaitState(name, "Completed");
  FirstWriteAfter(*first, *second, frozen, "freeze");

  std::vector<Request> late = RequestsBy(first->credential());
  ASSERT_FALSE(late.empty());
  std::erase_if(late, [&](const Request& request) {
    return !request.Writes() || MomentOf(request.received) < awake;
  });
  EXPECT_TRUE(late.empty()) << Describe(late);
}

}  // namespace
}  // namespace ffdl::e2e
