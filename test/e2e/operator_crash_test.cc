// The operator is killed again and again while jobs live.
#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "test/e2e/harness/audit_log.h"
#include "test/e2e/harness/creations.h"
#include "test/e2e/harness/operator_process.h"

namespace ffdl::e2e {
namespace {

using std::chrono::milliseconds;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr int kKills = 10;
// The first milliseconds of a process, when it reads everything anew and writes what is missing,
// are where a mistake would show; a whole phase of the job is the other half of the moments.
constexpr int kSoonMs = 600;
constexpr int kLateMs = 3000;

class OperatorCrashTest : public StoryWithoutOperator {
 protected:
  void SetUp() override {
    StoryWithoutOperator::SetUp();
    creations_ = std::make_unique<Creations>(ns());
    const char* const given = std::getenv("FFDL_E2E_SEED");
    const unsigned seed =
        given != nullptr ? static_cast<unsigned>(std::atoi(given)) : std::random_device()();
    std::cout << "seed " << seed << " (FFDL_E2E_SEED sets it)\n";
    random_.seed(seed);
  }

  milliseconds SomeTime(int kill) {
    const int most = kill % 2 == 0 ? kSoonMs : kLateMs;
    return milliseconds(std::uniform_int_distribution<int>(0, most)(random_));
  }

  // Without a lease the next process goes on at once, so more happens between two kills.
  static std::unique_ptr<OperatorProcess> Start() {
    return std::make_unique<OperatorProcess>("operator", Words{"--leader_elect=false"});
  }

  // What the API server says to have made, of each kind and name: never more than there was.
  void ExpectNoMoreInTheAuditLog(const std::map<std::string, std::size_t>& creations) {
    std::map<std::string, std::size_t> answered;
    for (const Request& request : RequestsIn(ns())) {
      const std::string object = request.resource + "/" + request.name;
      if (request.code == 201 && request.subresource.empty() && creations.contains(object)) {
        ++answered[object];
      }
    }
    for (const auto& [object, times] : answered) EXPECT_LE(times, creations.at(object)) << object;
  }

 private:
  std::mt19937 random_;

 protected:
  std::unique_ptr<Creations> creations_;
};

TEST_F(OperatorCrashTest, TenKillsChangeNothingOfTheEndAndNothingIsMadeTwice) {
  Apply(JobManifest("tough",
                    "sleep 3\n"
                    "if [ $LEARNER_ID = 2 ] && [ ! -e $JOB_STATE_DIR/failed ]; then\n"
                    "  touch $JOB_STATE_DIR/failed; exit 3\n"
                    "fi\n")
            .Learners(2)
            .SharedStorage()
            .MaxRestarts(3));
  for (int kill = 0; kill < kKills; ++kill) {
    const auto running = Start();
    const milliseconds time = SomeTime(kill);
    EXPECT_EQ(std::nullopt, running->WaitFor(time)) << "ended by itself: " << running->Log();
    running->Signal(SIGKILL);
    EXPECT_EQ(128 + SIGKILL, running->WaitFor(std::chrono::seconds(5)));
    std::cout << "killed after " << time.count() << " ms, state "
              << TextAt(Get("tj", "tough"), "/status/state") << '\n';
  }
  const auto last = Start();

  const Json done = AwaitState("tough", "Completed");
  EXPECT_EQ(2, NumberAt(done, "/status/attempt"));
  EXPECT_EQ(1, NumberAt(done, "/status/restarts"));
  EXPECT_EQ("2/2", TextAt(done, "/status/learners/summary"));
  EXPECT_TRUE(Eventually([&] { return List("pods").empty(); }, kCleanUpMax));

  const auto creations = creations_->Count();
  EXPECT_THAT(creations, UnorderedElementsAre(Pair("services/tough-learner", 1),
                                              Pair("persistentvolumeclaims/tough-shared", 1),
                                              Pair("statefulsets/tough-learner", 1),
                                              Pair("pods/tough-learner-0", 2),  // one an attempt
                                              Pair("pods/tough-learner-1", 2)));
  ExpectNoMoreInTheAuditLog(creations);
}

TEST_F(OperatorCrashTest, KillsDuringSuspendAndResumeLoseNoAttempt) {
  Apply(JobManifest("tough",
                    "if [ -e $JOB_STATE_DIR/seen ]; then exit 0; fi\n"
                    "touch $JOB_STATE_DIR/seen; sleep 3600")
            .SharedStorage());
  {
    const auto first = Start();
    AwaitState("tough", "Processing");
  }
  const std::size_t mark = jobs().size();
  Edit("tough", {{"suspend", true}});
  for (int kill = 0; kill < kKills / 2; ++kill) {
    const auto running = Start();
    EXPECT_EQ(std::nullopt, running->WaitFor(SomeTime(0))) << running->Log();
    running->Signal(SIGKILL);
  }
  {
    const auto running = Start();
    AwaitState("tough", "Halted", mark);
  }
  Edit("tough", {{"suspend", false}});
  for (int kill = 0; kill < kKills / 2; ++kill) {
    const auto running = Start();
    EXPECT_EQ(std::nullopt, running->WaitFor(SomeTime(0))) << running->Log();
    running->Signal(SIGKILL);
  }
  const auto last = Start();
  EXPECT_EQ(2, NumberAt(AwaitState("tough", "Completed", mark), "/status/attempt"));
  EXPECT_EQ(2U, creations_->Count()["pods/tough-learner-0"]);
}

}  // namespace
}  // namespace ffdl::e2e
