// ffdl-launch seen from outside: one start of one program.
#include "operator/agent/launch.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <csignal>
#include <cstring>
#include <fstream>

#include "test/unit/operator/agent/launch_fixture.h"

namespace ffdl::agent {
namespace {

namespace fs = std::filesystem;
using test::Process;
using test::ReadText;
using testing::EndsWith;
using testing::HasSubstr;

class LaunchTest : public test::LaunchFixture {};

TEST_F(LaunchTest, KeepsSuccess) {
  Process launch(OfShell("echo trained"));
  EXPECT_EQ(0, launch.Wait());
  EXPECT_EQ("trained\n", launch.output());
  EXPECT_EQ((nlohmann::json{{"reason", "Completed"},
                            {"exitCode", 0},
                            {"message", "the program ended with exit code 0"},
                            {"log", "trained\n"}}),
            Termination());
  EXPECT_EQ("trained\n", ReadText(LogPath()));
}

TEST_F(LaunchTest, KeepsTheExitCode) {
  for (const int code : {1, 42, 126, 127, 255}) {
    ForgetAttempt();
    EXPECT_EQ(code, Process(OfShell("exit " + std::to_string(code))).Wait());
    EXPECT_EQ("ProgramFailed", Termination().at("reason"));
    EXPECT_EQ(code, Termination().at("exitCode"));
  }
}

TEST_F(LaunchTest, TellsOfTheSignalThatEndedTheProgram) {
  EXPECT_EQ(137, Process(OfShell("kill -KILL $$")).Wait());
  EXPECT_EQ("KilledBySignal", Termination().at("reason"));
  EXPECT_EQ(9, Termination().at("signal"));
  EXPECT_EQ("the program was ended by signal 9 (SIGKILL)", Termination().at("message"));
}

TEST_F(LaunchTest, GivesTheProgramItsEnvironment) {
  test::ProcessOptions options =
      OfShell("echo $LEARNER_ID/$RANK/$PYTHONPATH/$FFDL_POD_NAME/$KUBERNETES_PORT");
  options.environment.insert(
      {{"FFDL_SET_RANK", "{rank}"}, {"MODEL_DIR", "code"}, {"KUBERNETES_PORT", "1"}});
  Process launch(options);
  EXPECT_EQ(0, launch.Wait());
  EXPECT_EQ("2/1/code//\n", launch.output());
}

TEST_F(LaunchTest, MakesTheFoldersOfTheLearner) {
  test::ProcessOptions options = OfShell("touch $RESULT_DIR/a $CHECKPOINT_DIR/b");
  options.environment.insert(
      {{"RESULT_DIR", folder_.Path("r/1")}, {"CHECKPOINT_DIR", folder_.Path("c/1")}});
  EXPECT_EQ(0, Process(options).Wait());
  EXPECT_TRUE(fs::exists(folder_.Path("r/1/a")));
  EXPECT_TRUE(fs::exists(folder_.Path("c/1/b")));
}

TEST_F(LaunchTest, PassesSignalsOn) {
  const std::map<int, std::string> signals = {{SIGTERM, "TERM"}, {SIGINT, "INT"},
                                              {SIGHUP, "HUP"},   {SIGQUIT, "QUIT"},
                                              {SIGUSR1, "USR1"}, {SIGUSR2, "USR2"}};
  for (const auto& [signal, name] : signals) {
    ForgetAttempt();
    Process launch(
        OfShell(std::string("trap 'echo got ").append(name).append("; exit 7' ").append(name) +
                "; echo ready; while :; do :; done"));
    launch.AwaitOutput("ready");
    launch.Signal(signal);
    EXPECT_EQ(7, launch.Wait()) << name;
    EXPECT_THAT(launch.output(), HasSubstr("got " + name));
  }
}

TEST_F(LaunchTest, StopsAProgramThatDoesNotCare) {
  Process launch(OfShell("echo ready; exec sleep 1000"));
  launch.AwaitOutput("ready");
  launch.Signal(SIGTERM);
  EXPECT_EQ(143, launch.Wait());
  EXPECT_EQ(15, Termination().at("signal"));
}

TEST_F(LaunchTest, LetsWhatAShellRanWriteItsCheckpoint) {
  const std::string train = folder_.Write("train.sh",
                                          "trap 'echo saving; echo weights > \"$1\"; exit 0' TERM\n"
                                          "echo ready\nwhile :; do :; done\n");
  // The shell dies of the signal at once; only its child can save anything.
  Process launch(OfShell("sh " + train + " " + folder_.Path("checkpoint") + "; echo never"));
  launch.AwaitOutput("ready");
  launch.Signal(SIGTERM);
  EXPECT_EQ(143, launch.Wait());
  EXPECT_EQ("weights\n", ReadText(folder_.Path("checkpoint")));
  EXPECT_THAT(launch.output(), EndsWith("saving\n"));
}

TEST_F(LaunchTest, PassesSignalsOnWhileNobodyReadsItsOutput) {
  Process launch(OfShell("yes & trap \"kill $!; exit 9\" TERM; echo ready >&2; wait"));
  launch.AwaitError("ready");
  launch.Signal(SIGTERM);
  EXPECT_EQ(9, launch.Wait());
}

TEST_F(LaunchTest, ReapsOrphans) {
  // A process that ended and was not reaped stays in /proc.
  Process launch(
      OfShell("orphan=$(sh -c 'true >/dev/null & echo $!'); "
              "while [ -e /proc/$orphan ]; do :; done; echo reaped"));
  EXPECT_EQ(0, launch.Wait());
  EXPECT_EQ("reaped\n", launch.output());
}

TEST_F(LaunchTest, KeepsTheOrderOfEachStream) {
  Process launch(OfShell("for i in 1 2 3 4 5; do echo out$i; echo err$i >&2; done"));
  EXPECT_EQ(0, launch.Wait());
  EXPECT_EQ("out1\nout2\nout3\nout4\nout5\n", launch.output());
  EXPECT_EQ("err1\nerr2\nerr3\nerr4\nerr5\n", launch.error());
  EXPECT_EQ(launch.output().size() + launch.error().size(), ReadText(LogPath()).size());
}

TEST_F(LaunchTest, LosesNothingOfALargeOutputAndStaysSmall) {
  constexpr std::size_t kBytes = 50'000'000;
  Process launch(OfShell("yes 0123456789012345678901234567890123456789012345678 | head -c " +
                         std::to_string(kBytes) + "; grep VmHWM /proc/$PPID/status >&2"));
  EXPECT_EQ(0, launch.Wait());
  EXPECT_EQ(kBytes, launch.output().size());
  const std::string log = ReadText(LogPath());
  EXPECT_EQ(kBytes + launch.error().size(), log.size());
#ifndef FFDL_SANITIZED
  EXPECT_LT(std::stoi(launch.error().substr(launch.error().find_first_of("0123456789"))), 1024);
#endif
}

TEST_F(LaunchTest, TellsTheLastLinesWhateverTheirBytes) {
  Process launch(OfShell(R"(head -c 100000 /dev/urandom; printf '\n\377\001"last\n'; exit 1)"));
  EXPECT_EQ(1, launch.Wait());
  EXPECT_LE(TerminationText().size(), 4096U);
  EXPECT_THAT(Termination().at("log").get<std::string>(), EndsWith("\n\uFFFD\u0001\"last\n"));
}

TEST_F(LaunchTest, EndsThoughSomethingLeftBehindHoldsTheOutput) {
  Process launch(OfShell("sleep 1000 & echo $!; exit 3"));
  launch.AwaitOutput("\n");
  EXPECT_EQ(3, launch.Wait());
  kill(std::stoi(launch.output()), SIGKILL);
}

TEST_F(LaunchTest, GoesOnWhenNobodyTakesItsOutputAnyMore) {
  const std::string gate = folder_.Path("gate");
  ASSERT_EQ(0, mkfifo(gate.c_str(), 0600));
  Process launch(OfShell("echo ready; read line < " + gate + "; yes | head -c 200000; exit 5"));
  launch.AwaitOutput("ready");
  launch.CloseOutput();
  std::ofstream(gate) << "go\n";
  EXPECT_EQ(5, launch.Wait());
  EXPECT_EQ(6U + 200'000U, ReadText(LogPath()).size());
}

TEST_F(LaunchTest, TrainsWithoutALogWhereItCannotBeWritten) {
  test::ProcessOptions options = OfShell("echo trained");
  options.environment["LOG_DIR"] = "/proc/nowhere";
  Process launch(options);
  EXPECT_EQ(0, launch.Wait());
  EXPECT_EQ("trained\n", launch.output());
  EXPECT_EQ("ffdl-launch: create /proc/nowhere: No such file or directory\n", launch.error());
}

TEST_F(LaunchTest, TrainsOnAFullDisk) {
  fs::create_directories(fs::path(LogPath()).parent_path());
  fs::create_symlink("/dev/full", LogPath());
  Process launch(OfShell("yes | head -c 1000000"));
  EXPECT_EQ(0, launch.Wait());
  EXPECT_EQ(1'000'000U, launch.output().size());
}

TEST_F(LaunchTest, TrainsThoughItsEndCannotBeTold) {
  Process launch(
      {.command = {FFDL_LAUNCH_PROGRAM, "--termination-log=/proc/nowhere", "--", "true"}});
  EXPECT_EQ(0, launch.Wait());
  EXPECT_EQ("ffdl-launch: open /proc/nowhere: No such file or directory\n", launch.error());
}

TEST(LaunchUsageTest, IsHelpful) {
  Process help({.command = {FFDL_LAUNCH_PROGRAM, "--help"}});
  EXPECT_EQ(0, help.Wait());
  EXPECT_THAT(help.output(), testing::StartsWith("Usage: ffdl-launch [flags] -- <command>"));
  Process version({.command = {FFDL_LAUNCH_PROGRAM, "--version"}});
  EXPECT_EQ(0, version.Wait());
  EXPECT_THAT(version.output(), testing::StartsWith("ffdl-launch "));
}

#ifndef FFDL_SANITIZED
TEST(LaunchProgramTest, RunsInAnyImage) {
  const std::string elf = ReadText(FFDL_LAUNCH_PROGRAM);
  EXPECT_LT(elf.size(), 2U << 20U);
  Elf64_Ehdr header{};
  ASSERT_GT(elf.size(), sizeof(header));
  std::memcpy(&header, elf.data(), sizeof(header));
  for (std::size_t index = 0; index < header.e_phnum; ++index) {
    Elf64_Phdr program{};
    std::memcpy(&program, elf.data() + header.e_phoff + index * sizeof(program), sizeof(program));
    EXPECT_NE(PT_INTERP, program.p_type) << "it is not linked statically";
  }
}
#endif

}  // namespace
}  // namespace ffdl::agent
