// ffdl-launch started by the kubelet more than once in the same pod.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "test/unit/operator/agent/launch_fixture.h"

namespace ffdl::agent {
namespace {

namespace fs = std::filesystem;
using test::Process;
using test::ReadText;
using testing::HasSubstr;

class LaunchAgainTest : public test::LaunchFixture {
 protected:
  // Starts it once more, checks that it waits, and stops it.
  [[nodiscard]] int WaitAndStop() const {
    fs::remove(folder_.Path("termination-log"));
    Process again(OfShell("echo ran twice"));
    again.AwaitError("waiting to be stopped instead of running it twice\n");
    again.Signal(SIGTERM);
    const int exit_code = again.Wait();
    EXPECT_EQ("", again.output());
    return exit_code;
  }
};

TEST_F(LaunchAgainTest, RepeatsHowItEnded) {
  EXPECT_EQ(42, Process(OfShell("echo trained; exit 42")).Wait());
  const std::string first = TerminationText();
  EXPECT_EQ(42, WaitAndStop());
  EXPECT_EQ(first, TerminationText());
  EXPECT_EQ(42, WaitAndStop());  // and again
}

TEST_F(LaunchAgainTest, RepeatsSuccess) {
  EXPECT_EQ(0, Process(OfShell("exit 0")).Wait());
  EXPECT_EQ(0, WaitAndStop());
}

TEST_F(LaunchAgainTest, TellsThatTheContainerWasKilled) {
  {
    Process launch(OfShell("echo $$,; exec sleep 1000"));
    launch.AwaitOutput(",");
    launch.Signal(SIGKILL);
    EXPECT_EQ(1000 + SIGKILL, launch.Wait());
    kill(std::stoi(launch.output()), SIGKILL);
  }
  EXPECT_EQ(137, WaitAndStop());
  EXPECT_EQ("Killed", Termination().at("reason"));
  EXPECT_EQ(137, Termination().at("exitCode"));
}

TEST_F(LaunchAgainTest, TakesAnEndThatCannotBeReadForNone) {
  folder_.Write("state/ended", "");
  EXPECT_EQ(137, WaitAndStop());
}

TEST_F(LaunchAgainTest, UsesNoProcessorWhileItWaits) {
  EXPECT_EQ(0, Process(OfShell("exit 0")).Wait());
  Process again(OfShell("echo ran twice"));
  again.AwaitError("waiting");
  std::string state;
  while (state != "S") {  // asleep, sooner or later
    const std::string stat = ReadText("/proc/" + std::to_string(again.pid()) + "/stat");
    state = stat.substr(stat.rfind(')') + 2, 1);
    ASSERT_NE("Z", state);
  }
}

TEST_F(LaunchAgainTest, TriesACommandThatWasNotFound) {
  const std::string command = folder_.Path("train");
  EXPECT_EQ(127, Process(Of({command})).Wait());
  EXPECT_EQ("CommandNotFound", Termination().at("reason"));
  EXPECT_EQ("the command '" + command +
                "' does not exist; correct spec.command or use an image that has it",
            Termination().at("message"));

  folder_.Write("train", "#!/bin/sh\necho trained\n");
  EXPECT_EQ(126, Process(Of({command})).Wait());
  EXPECT_EQ("CommandNotExecutable", Termination().at("reason"));
  EXPECT_THAT(Termination().at("message"), HasSubstr("chmod +x"));

  fs::permissions(command, fs::perms{0755});
  Process launch(Of({command}));
  EXPECT_EQ(0, launch.Wait());
  EXPECT_EQ("trained\n", launch.output());
}

TEST_F(LaunchAgainTest, NamesThePathOfACommandThatWasNotFound) {
  EXPECT_EQ(127, Process(Of({"no-such-command"})).Wait());
  EXPECT_EQ(
      "the command 'no-such-command' is in no directory of PATH (/usr/local/bin:/usr/bin:/bin); "
      "correct spec.command or use an image that has it",
      Termination().at("message"));
}

TEST_F(LaunchAgainTest, TellsThatTheInterpreterIsMissing) {
  const std::string command = folder_.Write("train", "#!/no/such/python\n");
  fs::permissions(command, fs::perms{0755});
  EXPECT_EQ(127, Process(Of({command})).Wait());
  EXPECT_THAT(Termination().at("message"), HasSubstr("is there, but not the interpreter"));
}

TEST_F(LaunchAgainTest, TellsThatAFileIsNoProgram) {
  const std::string command = folder_.Write("train", "echo hello\n");
  fs::permissions(command, fs::perms{0755});
  EXPECT_EQ(126, Process(Of({command})).Wait());
  EXPECT_THAT(Termination().at("message"), HasSubstr("starts with #!"));
}

TEST_F(LaunchAgainTest, MakesTheFolderOfItsMemory) {
  fs::remove_all(State());
  EXPECT_EQ(3, Process(OfShell("exit 3")).Wait());
  EXPECT_EQ(3, WaitAndStop());
}

TEST_F(LaunchAgainTest, StartsNothingThatItCouldNotRemember) {
  fs::remove_all(State());
  folder_.Write("state", "");
  Process launch(OfShell("echo ran"));
  EXPECT_EQ(125, launch.Wait());
  EXPECT_EQ("", launch.output());
  EXPECT_EQ("LaunchFailed", Termination().at("reason"));
  EXPECT_EQ(
      "not started, because that could not be remembered: create " + State() + ": Not a directory",
      Termination().at("message"));
}

TEST_F(LaunchAgainTest, RefusesWrongUsage) {
  const std::string log = "--termination-log=" + folder_.Path("termination-log");
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{FFDL_LAUNCH_PROGRAM, log},
                                             {FFDL_LAUNCH_PROGRAM, log, "--"},
                                             {FFDL_LAUNCH_PROGRAM, log, "--what", "--", "true"},
                                             {FFDL_LAUNCH_PROGRAM, log, "true"},
                                             {FFDL_LAUNCH_PROGRAM, log, "--state"}}) {
    EXPECT_EQ(125, Process({.command = command}).Wait());
    EXPECT_EQ("LaunchFailed", Termination().at("reason"));
    EXPECT_THAT(Termination().at("message"), HasSubstr("see ffdl-launch --help"));
  }
}

}  // namespace
}  // namespace ffdl::agent
