// ffdl-launch --if-training: what a kubelet runs before it stops a learner.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "test/unit/operator/agent/launch_fixture.h"

namespace ffdl::agent {
namespace {

using test::Process;

class BesideTest : public test::LaunchFixture {
 protected:
  [[nodiscard]] test::ProcessOptions Beside(const std::vector<std::string>& command) const {
    test::ProcessOptions options = Of(command);
    options.command.insert(options.command.begin() + 1, "--if-training");
    return options;
  }
};

TEST_F(BesideTest, RunsInTheEnvironmentAndIntoTheLogOfTheProgram) {
  Process launch(OfShell("echo trains,; exec sleep 1000"));
  launch.AwaitOutput("trains,");
  Process beside(Beside({"sh", "-c", "echo learner $LEARNER_ID saves,"}));
  EXPECT_EQ(0, beside.Wait());
  EXPECT_EQ("", beside.output());
  launch.AwaitOutput("learner 2 saves,");
  launch.Signal(SIGTERM);
  EXPECT_EQ(143, launch.Wait());
}

TEST_F(BesideTest, DoesNothingBeforeTheProgramStartedAndAfterItEnded) {
  EXPECT_EQ(0, Process(Beside({"sh", "-c", "exit 9"})).Wait());
  EXPECT_EQ(0, Process(OfShell("exit 0")).Wait());
  EXPECT_EQ(0, Process(Beside({"sh", "-c", "exit 9"})).Wait());
}

TEST_F(BesideTest, GivesItsExitCodeAndTellsWhatIsNotThere) {
  Process launch(OfShell("echo trains,; exec sleep 1000"));
  launch.AwaitOutput("trains,");
  EXPECT_EQ(9, Process(Beside({"sh", "-c", "exit 9"})).Wait());
  EXPECT_EQ(127, Process(Beside({"no-such-program"})).Wait());
  launch.AwaitError("no-such-program");
  launch.Signal(SIGTERM);
  EXPECT_EQ(143, launch.Wait());
}

}  // namespace
}  // namespace ffdl::agent
