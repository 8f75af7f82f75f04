#include "operator/agent/launch.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <optional>
#include <utility>

#include "operator/agent/attempt.h"
#include "operator/agent/files.h"
#include "operator/agent/out_of_memory.h"
#include "operator/agent/program.h"
#include "operator/agent/progress.h"
#include "operator/agent/remote/learner.h"
#include "operator/agent/supervisor.h"
#include "operator/agent/tail.h"
#include "operator/agent/training_log.h"

namespace ffdl::agent {
namespace {

constexpr mode_t kDirectoryMode = 0777;  // less the umask

void Publish(const LaunchOptions& options, std::string_view json) {
  const Result<void> written = OverwriteFile(options.termination_log, json);
  if (!written) Say(written.error().message);
}

int End(const LaunchOptions& options, const Termination& termination) {
  Publish(options, ToJson(termination, {}));
  Say(termination.message);
  return termination.exit_code;
}

// The container was started again in the same pod: nothing may run twice, and the kubelet would
// start it once more if it ended now.
int WaitToBeStopped(int exit_code) {
  sigset_t stop;
  sigemptyset(&stop);
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT}) sigaddset(&stop, signal);
  while (sigwaitinfo(&stop, nullptr) < 0) {
  }
  return exit_code;
}

int RepeatEnd(const LaunchOptions& options, const std::string& json) {
  Publish(options, json);
  const int exit_code = ExitCodeOf(json).value_or(kExitLaunchFailed);
  Say("the program has ended before, with exit code " + std::to_string(exit_code) +
      "; waiting to be stopped instead of running it twice");
  return WaitToBeStopped(exit_code);
}

int TellOfKill(const LaunchOptions& options) {
  const Termination killed{
      .reason = reason::kKilled,
      .exit_code = kExitSignalBase + SIGKILL,
      .message =
          "the container was killed before its program ended, for want of memory or by the node"};
  Publish(options, ToJson(killed, {}));
  Say(killed.message + "; waiting to be stopped instead of running it twice");
  return WaitToBeStopped(killed.exit_code);
}

void MakeExpectedDirectories(const Environment& environment) {
  for (const std::string& path : ExpectedDirectories(environment)) {
    const Result<void> made = MakeDirectories(path, kDirectoryMode);
    if (!made) Say(made.error().message);
  }
}

struct Pipe {
  Fd read;
  Fd write;
};

std::optional<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);  // NOLINT(cppcoreguidelines-pro-type-vararg): ours alone
  return Pipe{.read = Fd(ends[0]), .write = Fd(ends[1])};
}

// What is told of a program that was ended because it hung: not the signal, but why it was sent.
// One that ends well all the same has done its work.
Termination ExplainByHang(Termination termination, std::chrono::seconds timeout) {
  if (termination.exit_code == 0) return termination;
  termination.reason = reason::kNoProgress;
  termination.message =
      "made no progress for " + std::to_string(timeout.count()) + " s: no output, no heartbeat";
  return termination;
}

// Into our own log, which the program's progress is not judged by, and for the probe.
void TellHang(const Attempt& attempt, std::chrono::seconds timeout, bool hung) {
  Say(hung ? "the program has written nothing and not touched HEARTBEAT_FILE for " +
                 std::to_string(timeout.count()) + " s"
           : "the program makes progress again");
  if (const Result<void> marked = attempt.MarkHung(hung); !marked) Say(marked.error().message);
}

int RunProgram(const LaunchOptions& options, const Attempt& attempt, const Environment& environment,
               const sigset_t& mask) {
  std::optional<Pipe> output = MakePipe();
  std::optional<Pipe> error = MakePipe();
  if (!output || !error) {
    return End(options, {.reason = reason::kLaunchFailed,
                         .exit_code = kExitLaunchFailed,
                         .message = FailWith("make", "a pipe", errno).value().message});
  }
  if (const Result<void> marked = attempt.MarkStarted(); !marked) {
    return End(options, {.reason = reason::kLaunchFailed,
                         .exit_code = kExitLaunchFailed,
                         .message = "not started, because that could not be remembered: " +
                                    marked.error().message});
  }
  const std::optional<std::uint64_t> kills_before = OutOfMemoryKills();
  const auto started =
      StartProgram(options.command, environment,
                   {.output = output->write.get(), .error = error->write.get()}, mask);
  if (!started) {
    attempt.UnmarkStarted();
    return End(options, started.error());
  }
  output->write.Close();
  error->write.Close();

  Tail tail;
  std::optional<TrainingLog> log;
  if (std::string path = TrainingLogPath(environment); !path.empty()) log.emplace(std::move(path));
  ProgressWatch progress({.timeout = options.progress_timeout,
                          .end_when_hung = options.end_when_hung,
                          .heartbeat = environment.GetOrEmpty("HEARTBEAT_FILE")},
                         Clock::now());
  const auto copy = [&](std::string_view bytes) {
    progress.SawOutput(Clock::now());
    tail.Append(bytes);
    if (log) log->Append(bytes, Clock::now());
  };
  Supervisor supervisor(*started, {Relay(std::move(output->read), STDOUT_FILENO, copy),
                                   Relay(std::move(error->read), STDERR_FILENO, copy)});
  supervisor.Watch(progress, [&](bool hung) { TellHang(attempt, options.progress_timeout, hung); });
  Termination termination =
      ExplainByMemory(TerminationOf(supervisor.Run()), kills_before, OutOfMemoryKills());
  if (supervisor.ended_hung()) {
    termination = ExplainByHang(std::move(termination), options.progress_timeout);
  }
  (void)attempt.MarkHung(false);
  const std::string json = ToJson(termination, tail.Text());
  if (const Result<void> marked = attempt.MarkEnded(json); !marked) Say(marked.error().message);
  Publish(options, json);
  return termination.exit_code;
}

}  // namespace

void Say(std::string_view line) {
  std::string text = "ffdl-launch: ";
  text.append(line).append("\n");
  (void)WriteAll(STDERR_FILENO, text);  // there is nowhere else to tell it
}

int Launch(const LaunchOptions& options, const Environment& given, const sigset_t& mask) {
  const Attempt attempt(options.state_directory);
  const Result<Attempt::Memory> memory = attempt.Recall();
  if (!memory) {
    return End(options, {.reason = reason::kLaunchFailed,
                         .exit_code = kExitLaunchFailed,
                         .message = memory.error().message});
  }
  switch (memory->past) {
    case Attempt::Past::kEnded:
      return RepeatEnd(options, memory->termination);
    case Attempt::Past::kStarted:
      return TellOfKill(options);
    case Attempt::Past::kNone:
      break;
  }
  Environment environment = ProgramEnvironment(given, CanWriteIn);
  MakeExpectedDirectories(environment);
  if (!options.mpi.hosts.empty()) {
    const std::optional<Termination> end =
        PrepareMpi({.options = options.mpi,
                    .attempt = attempt,
                    .given = given,
                    .mask = mask,
                    .say = [](const std::string& line) { Say(line); }},
                   environment);
    if (end) return End(options, *end);
  }
  return RunProgram(options, attempt, environment, mask);
}

}  // namespace ffdl::agent
