// What an operator does, and leaves undone, when it is told to stop.
#include <gmock/gmock.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>

#include "test/e2e/harness/operator_process.h"
#include "test/e2e/harness/proxied_server.h"

namespace ffdl::e2e {
namespace {

using std::chrono::seconds;

using OperatorStopTest = StoryWithoutOperator;

TEST_F(OperatorStopTest, TellsTheLastEventsBeforeItEnds) {
  OperatorProcess running("operator", {"--leader_elect=false"});
  Apply(JobManifest("short", "sleep 3600"));
  const Json job = AwaitState("short", "Processing");
  running.Signal(SIGTERM);  // events are told a second late, so that equal ones can be told as one
  EXPECT_EQ(0, running.WaitFor(seconds(30))) << running.Log();

  const std::string reason = TextAt(ConditionOf(job, "Ready"), "/reason");
  ASSERT_FALSE(reason.empty());
  std::vector<std::string> told;
  for (const Json& event : List("events.events.k8s.io")) {
    if (TextAt(event, "/regarding/name") == "short") told.push_back(TextAt(event, "/reason"));
  }
  EXPECT_THAT(told, testing::Contains(reason));
}

// Holds the first write back until it is let go, or nobody can still want it.
class HeldWrite {
 public:
  test::Fault Meet(const test::SeenRequest& request) {
    std::unique_lock lock(mutex_);
    if (request.method == "GET" || met_) return test::Fault::kNone;
    met_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, kPhaseMax, [this] { return let_go_; });
    return test::Fault::kNone;
  }
  [[nodiscard]] bool AwaitMet(seconds limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [this] { return met_; });
  }
  void LetGo() {
    const std::scoped_lock lock(mutex_);
    let_go_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool met_ = false;
  bool let_go_ = false;
};

TEST_F(OperatorStopTest, EndsAtOnceWhenItIsToldTwice) {
  HeldWrite held;
  ProxiedServer server([&](const test::SeenRequest& request) { return held.Meet(request); });
  OperatorProcess running("operator", server.kubeconfig(), {"--leader_elect=false"});
  Apply(JobManifest("short", "exit 0"));
  EXPECT_TRUE(held.AwaitMet(kPhaseMax)) << "nothing was written";

  running.Signal(SIGTERM);
  EXPECT_TRUE(Eventually(
      [&] { return running.Log().find("stopping on signal") != std::string::npos; }, seconds(5)));
  EXPECT_EQ(std::nullopt, running.WaitFor(seconds(1))) << "did not wait for what was under way";
  running.Signal(SIGTERM);
  EXPECT_EQ(1, running.WaitFor(seconds(1))) << running.Log();
  held.LetGo();
}

}  // namespace
}  // namespace ffdl::e2e
