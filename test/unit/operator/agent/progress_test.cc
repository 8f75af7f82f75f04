// ffdl-launch seen from outside: programs that hang.
#include "operator/agent/progress.h"

#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "test/unit/operator/agent/launch_fixture.h"

namespace ffdl::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Process;
using testing::HasSubstr;

constexpr Clock::time_point kStart{std::chrono::hours(1)};

class ProgressWatchTest : public testing::Test {
 protected:
  [[nodiscard]] ProgressWatch Watch(int timeout) const {
    return {{.timeout = seconds(timeout), .heartbeat = heartbeat_}, kStart};
  }

  test::TemporaryFolder folder_;
  std::string heartbeat_ = folder_.Path("heartbeat");
};

TEST_F(ProgressWatchTest, SilenceForTheTimeoutIsAHang) {
  ProgressWatch watch = Watch(60);
  EXPECT_FALSE(watch.IsHung(kStart + milliseconds(59999)));
  EXPECT_TRUE(watch.IsHung(kStart + seconds(60)));
}

TEST_F(ProgressWatchTest, OutputIsProgress) {
  ProgressWatch watch = Watch(60);
  watch.SawOutput(kStart + seconds(50));
  EXPECT_FALSE(watch.IsHung(kStart + seconds(109)));
  EXPECT_TRUE(watch.IsHung(kStart + seconds(110)));
  watch.SawOutput(kStart + seconds(111));
  EXPECT_FALSE(watch.IsHung(kStart + seconds(112)));
}

TEST_F(ProgressWatchTest, ATouchedHeartbeatIsProgressWhateverItsTime) {
  folder_.Write("heartbeat", "");
  ProgressWatch watch = Watch(60);
  std::filesystem::last_write_time(heartbeat_, std::filesystem::file_time_type{});  // long ago
  EXPECT_FALSE(watch.IsHung(kStart + seconds(61)));
  EXPECT_FALSE(watch.IsHung(kStart + seconds(120)));
  EXPECT_TRUE(watch.IsHung(kStart + seconds(121)));
}

TEST_F(ProgressWatchTest, LooksSoonAfterAHangAndNotWithoutATimeout) {
  EXPECT_EQ(milliseconds(100), Watch(1).period());
  EXPECT_EQ(milliseconds(6000), Watch(60).period());
  EXPECT_EQ(milliseconds(10000), Watch(86400).period());
  EXPECT_EQ(std::nullopt, Watch(0).period());
  EXPECT_FALSE(Watch(0).IsHung(kStart + std::chrono::hours(1000)));
}

class HangTest : public test::LaunchFixture {
 protected:
  [[nodiscard]] test::ProcessOptions Watched(const std::string& script,
                                             const std::vector<std::string>& flags) const {
    test::ProcessOptions options = OfShell(script);
    options.command.insert(options.command.begin() + 5, flags.begin(), flags.end());
    options.environment.insert({"HEARTBEAT_FILE", folder_.Path("heartbeat")});
    return options;
  }
  [[nodiscard]] int Probe() const {
    return Process({.command = {FFDL_LAUNCH_PROGRAM, "--state", State(), "--check-progress"}})
        .Wait();
  }
};

TEST_F(HangTest, IsSeenByTheProbeUntilTheProgramGetsOn) {
  EXPECT_EQ(0, Probe());  // before anything runs
  Process launch(Watched("trap 'echo on; exit' USR1; echo ready; while :; do sleep 0.05; done",
                         {"--progress-timeout", "1"}));
  launch.AwaitOutput("ready");
  EXPECT_EQ(0, Probe());
  launch.AwaitError("not touched HEARTBEAT_FILE for 1 s");
  for (int looks = 0; Probe() == 0 && looks < 500; ++looks)
    std::this_thread::sleep_for(milliseconds(20));
  launch.Signal(SIGUSR1);
  EXPECT_EQ(0, launch.Wait());
  EXPECT_EQ("Completed", Termination().at("reason"));
  EXPECT_EQ(0, Probe());
}

TEST_F(HangTest, EndsAProgramThatHangs) {
  Process launch(
      Watched("echo step 7; exec sleep 1000", {"--progress-timeout", "1", "--end-when-hung"}));
  EXPECT_EQ(134, launch.Wait());
  EXPECT_EQ("NoProgress", Termination().at("reason"));
  EXPECT_EQ("made no progress for 1 s: no output, no heartbeat", Termination().at("message"));
  EXPECT_EQ("step 7\n", Termination().at("log"));
}

TEST_F(HangTest, KeepsWhatAProgramWritesWhenItIsToldToAbort) {
  Process launch(Watched("trap 'echo at all_reduce; exit 9' ABRT; while :; do sleep 0.05; done",
                         {"--progress-timeout", "1", "--end-when-hung"}));
  EXPECT_EQ(9, launch.Wait());
  EXPECT_EQ("NoProgress", Termination().at("reason"));
  EXPECT_THAT(Termination().at("log"), HasSubstr("at all_reduce\n"));
}

TEST_F(HangTest, LeavesAProgramAloneThatBeats) {
  Process launch(Watched("for i in 1 2 3 4 5 6; do sleep 0.4; echo $i >$HEARTBEAT_FILE; done",
                         {"--progress-timeout", "1", "--end-when-hung"}));
  EXPECT_EQ(0, launch.Wait());
  EXPECT_EQ("Completed", Termination().at("reason"));
}

TEST_F(HangTest, RefusesATimeoutThatIsNone) {
  Process launch(Watched("true", {"--progress-timeout", "soon"}));
  EXPECT_EQ(125, launch.Wait());
  EXPECT_THAT(TerminationText(),
              HasSubstr("--progress-timeout is a number of seconds, 1 at least"));
}

}  // namespace
}  // namespace ffdl::agent
