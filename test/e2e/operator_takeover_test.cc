// Two operators and one lease.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>

#include "test/e2e/harness/audit_log.h"
#include "test/e2e/harness/operator_process.h"

namespace ffdl::e2e {
namespace {

using std::chrono::seconds;

constexpr seconds kLease{11};  // the shortest that the operator accepts with a period of a second
// A standby that polls each second sees that a lease was given back.
constexpr seconds kHandOverMax{5};

class OperatorTakeoverTest : public StoryWithoutOperator {
 protected:
  void SetUp() override {
    StoryWithoutOperator::SetUp();
    MustKubectl(
        {"delete", "lease", "ffdl-operator", "--namespace=ffdl-system", "--ignore-not-found"});
  }

  static std::unique_ptr<OperatorProcess> Start(const std::string& name) {
    return std::make_unique<OperatorProcess>(
        name, Words{"--lease_duration_seconds=" + std::to_string(kLease.count()),
                    "--renew_deadline_seconds=5", "--retry_period_seconds=1"});
  }

  std::string Leader() {
    return MustKubectl({"get", "lease", "ffdl-operator", "--namespace=ffdl-system",
                        "--ignore-not-found", "--output", "jsonpath={.spec.holderIdentity}"});
  }

  // Waits until somebody else than `old` leads, prints how long that took, and returns who it is.
  std::string AwaitLeaderAfter(const std::string& old, const std::string& what) {
    const auto begin = std::chrono::steady_clock::now();
    std::string leader;
    EXPECT_TRUE(Eventually(
        [&] {
          leader = Leader();
          return !leader.empty() && leader != old;
        },
        kPhaseMax))
        << "nobody leads after " << what;
    took_ = std::chrono::steady_clock::now() - begin;
    std::cout << what << ": the next leads after " << std::chrono::duration<double>(took_).count()
              << " s\n";
    return leader;
  }

  void ExpectJobCompletes(const std::string& name) {
    Apply(JobManifest(name, "exit 0"));
    AwaitState(name, "Completed");
  }

  // Times of the successful writes with this operator's token, oldest first.
  std::vector<std::string> WriteTimes(const OperatorProcess& by) {
    std::vector<std::string> times;
    for (const Request& write : WritesIn(ns(), kOperatorUser)) {
      if (write.credential == by.credential()) times.push_back(write.at);
    }
    return times;
  }

  std::chrono::steady_clock::duration took_{};
};

TEST_F(OperatorTakeoverTest, StandbyTakesOverFromAKilledLeaderAndOnlyOneEverWrites) {
  auto first = Start("first");
  const std::string first_name = AwaitLeaderAfter("", "start");
  const auto second = Start("second");
  ExpectJobCompletes("before");
  EXPECT_TRUE(WriteTimes(*second).empty()) << "a standby wrote";

  first->Signal(SIGKILL);
  AwaitLeaderAfter(first_name, "kill");
  EXPECT_LT(took_, kLease * 2);
  ExpectJobCompletes("after");
  ASSERT_FALSE(WriteTimes(*first).empty());
  ASSERT_FALSE(WriteTimes(*second).empty());
  EXPECT_LT(WriteTimes(*first).back(), WriteTimes(*second).front());
}

TEST_F(OperatorTakeoverTest, LeaderThatEndsInOrderHandsOverWithinSeconds) {
  auto first = Start("first");
  const std::string first_name = AwaitLeaderAfter("", "start");
  const auto second = Start("second");
  ExpectJobCompletes("before");

  first->Signal(SIGTERM);
  AwaitLeaderAfter(first_name, "orderly end");
  EXPECT_LT(took_, kHandOverMax);
  EXPECT_EQ(0, first->WaitFor(seconds(30))) << first->Log();
  ExpectJobCompletes("after");
  EXPECT_LT(WriteTimes(*first).back(), WriteTimes(*second).front());
}

TEST_F(OperatorTakeoverTest, LeaderThatWasFrozenWritesNothingOnceAnotherLeads) {
  auto first = Start("first");
  const std::string first_name = AwaitLeaderAfter("", "start");
  const auto second = Start("second");
  Apply(JobManifest("long", "sleep 20"));
  AwaitState("long", "Processing");

  first->Signal(SIGSTOP);
  AwaitLeaderAfter(first_name, "freeze");
  // There is much to write when the first one wakes up, and it does not know yet.
  for (const char* name : {"one", "two", "three"}) Apply(JobManifest(name, "exit 0"));
  first->Signal(SIGCONT);
  const std::optional<int> end = first->WaitFor(seconds(30));
  ASSERT_TRUE(end) << "went on without the lease: " << first->Log();
  EXPECT_NE(0, *end);
  for (const char* name : {"one", "two", "three", "long"}) AwaitState(name, "Completed");
  EXPECT_LT(WriteTimes(*first).back(), WriteTimes(*second).front());
}

}  // namespace
}  // namespace ffdl::e2e
