// The operator behind a proxy that spoils its requests, and with the API server away.
#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "test/e2e/harness/audit_log.h"
#include "test/e2e/harness/creations.h"
#include "test/e2e/harness/operator_process.h"
#include "test/e2e/harness/proxied_server.h"

namespace ffdl::e2e {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using test::Fault;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr seconds kAway{60};
constexpr int kRequestsASecondMax = 2;
// After the server's return. The aim is two seconds; the rest is for a busy machine.
constexpr seconds kConvergedMax{5};

double SecondsSince(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

class OperatorFaultTest : public StoryWithoutOperator, public testing::WithParamInterface<int> {
 protected:
  void SetUp() override {
    StoryWithoutOperator::SetUp();
    creations_ = std::make_unique<Creations>(ns());
    server_ =
        std::make_unique<ProxiedServer>([this](const test::SeenRequest&) { return NextFault(); });
    operator_ = std::make_unique<OperatorProcess>("operator", server_->kubeconfig(),
                                                  Words{"--leader_elect=false"});
  }

  void TearDown() override {
    operator_.reset();
    server_.reset();
    StoryWithoutOperator::TearDown();
  }

  // From now on that many of a hundred requests are spoiled.
  void Spoil(int percent) {
    const std::scoped_lock lock(mutex_);
    percent_ = percent;
  }

  Fault NextFault() {
    const std::scoped_lock lock(mutex_);
    if (std::uniform_int_distribution<int>(0, 99)(random_) >= percent_) return Fault::kNone;
    ++spoiled_;
    return std::array{Fault::kTooMany, Fault::kServerError, Fault::kLost}.at(
        std::uniform_int_distribution<std::size_t>(0, 2)(random_));
  }

  std::unique_ptr<Creations> creations_;
  std::unique_ptr<ProxiedServer> server_;
  std::unique_ptr<OperatorProcess> operator_;
  std::mutex mutex_;
  std::mt19937 random_{42};
  int percent_ = 0;
  int spoiled_ = 0;
};

TEST_P(OperatorFaultTest, SpoiledRequestsChangeNothingOfTheEnd) {
  Spoil(GetParam());
  Apply(JobManifest("tough",
                    "if [ $LEARNER_ID = 2 ] && [ ! -e $JOB_STATE_DIR/failed ]; then\n"
                    "  touch $JOB_STATE_DIR/failed; exit 3\n"
                    "fi\n")
            .Learners(2)
            .SharedStorage()
            .MaxRestarts(3));
  const Json done = AwaitState("tough", "Completed");
  EXPECT_TRUE(Eventually([&] { return List("pods").empty(); }, kCleanUpMax));
  std::cout << spoiled_ << " of " << server_->proxy().requests() << " requests were spoiled\n";
  EXPECT_GT(spoiled_, 0);
  EXPECT_EQ(2, NumberAt(done, "/status/attempt"));
  EXPECT_EQ(1, NumberAt(done, "/status/restarts"));
  EXPECT_THAT(creations_->Count(),
              UnorderedElementsAre(
                  Pair("services/tough-learner", 1), Pair("persistentvolumeclaims/tough-shared", 1),
                  Pair("statefulsets/tough-learner", 1), Pair("pods/tough-learner-0", 2),
                  Pair("pods/tough-learner-1", 2)));
}
INSTANTIATE_TEST_SUITE_P(Percent, OperatorFaultTest, testing::Values(10, 30));

using OperatorAwayTest = OperatorFaultTest;

TEST_F(OperatorAwayTest, AfterTheApiServerWasAwayForAMinuteTheJobSaysSoonWhatHappened) {
  Apply(JobManifest("away", "sleep 15").Learners(2));
  AwaitState("away", "Processing");
  const std::size_t mark = jobs().size();

  server_->proxy().SetAway(true);
  std::this_thread::sleep_for(seconds(1));  // what was under way has met the closed door
  const int before = server_->proxy().connections();
  std::this_thread::sleep_for(kAway);
  const int attempts = server_->proxy().connections() - before;
  EXPECT_LE(attempts, kAway.count() * kRequestsASecondMax);
  EXPECT_TRUE(Eventually(
      [&] {
        const auto pods = List("pods");
        return !pods.empty();
      },
      seconds(1)))
      << "somebody ended the job although the operator was cut off";

  const auto back = steady_clock::now();
  server_->proxy().SetAway(false);
  AwaitState("away", "Completed", mark);
  const double took = SecondsSince(back);
  std::cout << "away for " << kAway.count() << " s with " << attempts << " connections tried; told "
            << took << " s after the return\n";
  EXPECT_LT(took, kConvergedMax.count());
  EXPECT_TRUE(Eventually([&] { return List("pods").empty(); }, kCleanUpMax));
  EXPECT_THAT(
      creations_->Count(),
      UnorderedElementsAre(Pair("services/away-learner", 1), Pair("statefulsets/away-learner", 1),
                           Pair("pods/away-learner-0", 1), Pair("pods/away-learner-1", 1)));
}

}  // namespace
}  // namespace ffdl::e2e
