// One learner has another run commands: real processes and a real connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include "test/unit/operator/agent/remote/remote_fixture.h"

namespace ffdl::agent {
namespace {

using namespace std::chrono_literals;
using test::Process;
using testing::HasSubstr;

// Gone, or dead and not yet buried by whoever is its parent now.
bool IsGone(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  const std::string stat(std::istreambuf_iterator<char>(file), {});
  return stat.empty() || stat.find(") Z ") != std::string::npos;
}

void AwaitGone(const std::string& pid) {
  ASSERT_GT(std::stoi(pid), 1);
  for (int i = 0; i < 1000 && !IsGone(pid); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(IsGone(pid)) << pid;
}

class RemoteShellTest : public test::RemoteFixture {
 protected:
  RemoteShellTest() { Serve(); }
};

TEST_F(RemoteShellTest, RunsACommandAsSshDoes) {
  Process call(Shell("echo out; echo err >&2; exit 42"));
  EXPECT_EQ(42, call.Wait());
  EXPECT_EQ("out\n", call.output());
  EXPECT_EQ("err\n", call.error());
}

TEST_F(RemoteShellTest, RunsItInTheEnvironmentOfTheOtherLearner) {
  Process call(Shell("echo $LEARNER_ID; command -v ssh; test -n \"$HOME\""));
  EXPECT_EQ(0, call.Wait());
  EXPECT_EQ("2\n" + folder_.Path("learner-2/bin/ssh") + "\n", call.output());
}

TEST_F(RemoteShellTest, CarriesInputAndMuchOutput) {
  Process call({.command = {"/bin/sh", "-c", "seq 1 200000 | \"$0\" 127.0.0.1 cat | cksum",
                            folder_.Path("learner-2/bin/ffdl-rsh")},
                .environment = Shell("").environment});
  EXPECT_EQ(0, call.Wait());
  Process here({.command = {"/bin/sh", "-c", "seq 1 200000 | cksum"}});
  EXPECT_EQ(0, here.Wait());
  EXPECT_EQ(here.output(), call.output());
}

TEST_F(RemoteShellTest, TellsThatASignalEndedIt) {
  EXPECT_EQ(128 + SIGKILL, Process(Shell("kill -9 $$")).Wait());
}

TEST_F(RemoteShellTest, PassesSignalsOn) {
  Process call(Shell("trap 'echo asked; exit 7' TERM; echo ready; while :; do sleep 0.05; done"));
  call.AwaitOutput("ready\n");
  call.Signal(SIGTERM);
  EXPECT_EQ(7, call.Wait());
  EXPECT_EQ("ready\nasked\n", call.output());
}

TEST_F(RemoteShellTest, LeavesNothingBehindWhenTheAskerIsKilled) {
  // One process more, in a session of its own, which does not hear what the others are told.
  Process call(
      Shell("setsid sleep 1000 & echo $!; trap '' TERM; echo $$,; sleep 1000; sleep 1000"));
  call.AwaitOutput(",");
  const std::string first = call.output().substr(0, call.output().find('\n'));
  const std::string second = call.output().substr(first.size() + 1);
  call.Signal(SIGKILL);
  EXPECT_EQ(1000 + SIGKILL, call.Wait());
  AwaitGone(first);
  AwaitGone(second.substr(0, second.find(',')));
  EXPECT_EQ(0, Process(Shell("true")).Wait()) << "the learner serves on";
}

TEST_F(RemoteShellTest, TellsNothingToWhoCannotProveThatHeHasTheKey) {
  std::array<char, 256> heard{};
  const int socket = Dial();
  EXPECT_EQ(40, recv(socket, heard.data(), 40, MSG_WAITALL));
  const std::string answer(64, 'x');
  EXPECT_EQ(64, send(socket, answer.data(), answer.size(), MSG_NOSIGNAL));
  EXPECT_EQ(0, recv(socket, heard.data(), heard.size(), 0)) << "closed without a word";
  close(socket);
}

TEST_F(RemoteShellTest, TellsAStrangerNothingButANumber) {
  std::array<char, 64> heard{};
  const int socket = Dial();
  EXPECT_EQ(40, recv(socket, heard.data(), heard.size(), 0));
  EXPECT_EQ("FFDLRSH1", std::string(heard.data(), 8));
  close(socket);
  EXPECT_EQ(0, Process(Shell("true")).Wait());
}

TEST_F(RemoteShellTest, EndsWhatRunsWhenTheLearnerIsStopped) {
  Process call(Shell("trap 'echo stopped; exit 3' TERM; echo ready; while :; do sleep 0.05; done"));
  call.AwaitOutput("ready\n");
  server().Signal(SIGTERM);
  EXPECT_EQ(128 + SIGTERM, server().Wait());
  EXPECT_EQ(3, call.Wait());
  EXPECT_THAT(EndOf(2), HasSubstr(R"("reason":"KilledBySignal","exitCode":143)"));
}

TEST_F(RemoteShellTest, LetsTheLauncherStartWhenAllAnswer) {
  Process launcher(
      Learner(1, {"sh", "-c", "ssh 127.0.0.1 'echo learner $LEARNER_ID'; cat $MPI_HOSTFILE"}));
  EXPECT_EQ(0, launcher.Wait());
  EXPECT_EQ("learner 2\nm-learner-0.m slots=1\n127.0.0.1 slots=1\n", launcher.output());
}

class PeersTest : public test::RemoteFixture {
 protected:
  // Until learner 1 has made what its program needs, behind which it asks for the others.
  void AwaitWaiting() {
    const std::string last = folder_.Path("learner-1/hostfile.hydra");
    for (int i = 0; i < 1000 && !std::filesystem::exists(last); ++i) {
      std::this_thread::sleep_for(10ms);
    }
    ASSERT_TRUE(std::filesystem::exists(last));
  }
};

TEST_F(PeersTest, LauncherSaysWhoIsMissing) {
  Process launcher(Learner(1, {"echo", "ran"}, "1"));
  EXPECT_EQ(125, launcher.Wait());
  EXPECT_EQ("", launcher.output());
  EXPECT_THAT(EndOf(1), HasSubstr(R"("reason":"PeersMissing","exitCode":125)"));
  EXPECT_THAT(EndOf(1), HasSubstr("did not start the command, because not all learners answered in "
                                  "1 s: 127.0.0.1 does not answer: Connection refused"));
}

TEST_F(PeersTest, LauncherWaitsForOneThatComesLate) {
  Process launcher(Learner(1, {"echo", "ran"}));
  AwaitWaiting();
  Serve();
  EXPECT_EQ(0, launcher.Wait());
  EXPECT_EQ("ran\n", launcher.output());
}

TEST_F(PeersTest, LauncherCanBeStoppedWhileItWaits) {
  Process launcher(Learner(1, {"echo", "ran"}));
  AwaitWaiting();
  launcher.Signal(SIGTERM);
  EXPECT_EQ(128 + SIGTERM, launcher.Wait());
  EXPECT_EQ("", launcher.output());
}

TEST_F(PeersTest, LearnerWithoutAKeySaysSo) {
  std::filesystem::remove(folder_.Path("key"));
  EXPECT_EQ(125, Process(Learner(2, {"false"})).Wait());
  EXPECT_THAT(EndOf(2), HasSubstr("LaunchFailed"));
}

}  // namespace
}  // namespace ffdl::agent
