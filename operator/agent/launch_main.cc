#include <sys/prctl.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

#include "operator/agent/arguments.h"
#include "operator/agent/attempt.h"
#include "operator/agent/beside.h"
#include "operator/agent/files.h"
#include "operator/agent/launch.h"
#include "operator/agent/remote/client.h"
#include "operator/agent/supervisor.h"
#include "operator/agent/usage.h"

namespace ffdl::agent {
namespace {

// Until somebody waits for them, signals are kept; the mask that was there before is returned.
sigset_t KeepSignals() {
  sigset_t kept;
  sigset_t before;
  sigemptyset(&kept);
  sigaddset(&kept, SIGCHLD);
  for (const int signal : kPassedSignals) sigaddset(&kept, signal);
  pthread_sigmask(SIG_BLOCK, &kept, &before);
  // Whoever reads our output may go; the program must not go with them.
  (void)std::signal(SIGPIPE, SIG_IGN);
  return before;
}

int Refuse(const LaunchOptions& options, std::string_view why) {
  const Termination termination{.reason = reason::kLaunchFailed,
                                .exit_code = kExitLaunchFailed,
                                .message = std::string(why) + "; see ffdl-launch --help"};
  (void)OverwriteFile(options.termination_log, ToJson(termination, {}));
  Say(termination.message);
  return termination.exit_code;
}

int Print(std::string_view text) { return WriteAll(STDOUT_FILENO, text); }

// What a kubelet's probe asks.
int CheckProgress(const LaunchOptions& options) {
  if (!Attempt(options.state_directory).IsHung()) return 0;
  Say("the program makes no progress");
  return 1;
}

std::optional<std::chrono::seconds> Seconds(std::string_view text) {
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 1) return std::nullopt;
  return std::chrono::seconds(seconds);
}

// What a command line asks for.
struct Asked {
  LaunchOptions options;
  bool beside = false;
  bool checks_progress = false;
};

// Nothing for a flag that is none of these; else what is wrong with it, or "".
std::optional<std::string> TakeMpiFlag(std::string_view argument, Arguments& arguments,
                                       MpiOptions& options) {
  if (const auto hosts = arguments.ValueOf("--mpi-hosts", argument)) {
    options.hosts = *hosts;
  } else if (const auto directory = arguments.ValueOf("--mpi-dir", argument)) {
    options.directory = *directory;
  } else if (const auto key = arguments.ValueOf("--mpi-key", argument)) {
    options.key_file = *key;
  } else if (const auto wait = arguments.ValueOf("--mpi-wait", argument)) {
    const std::optional<std::chrono::seconds> seconds = Seconds(*wait);
    if (!seconds) return "--mpi-wait is a number of seconds, 1 at least";
    options.wait = *seconds;
  } else if (const auto port = arguments.ValueOf("--mpi-port", argument)) {
    const std::optional<std::chrono::seconds> number = Seconds(*port);
    if (!number || number->count() > UINT16_MAX) return "--mpi-port is a port";
    options.port = static_cast<std::uint16_t>(number->count());
  } else {
    return std::nullopt;
  }
  return "";
}

bool IsRemoteShell(std::string_view name) {
  name.remove_prefix(name.rfind('/') + 1);  // npos + 1 is 0
  return name == "ffdl-rsh" || name == "ssh" || name == "rsh";
}

// Takes one flag, with its value. What is wrong with it, or "".
std::string TakeFlag(std::string_view argument, Arguments& arguments, Asked& asked) {
  LaunchOptions& options = asked.options;
  if (argument == "--if-training") {
    asked.beside = true;
  } else if (argument == "--check-progress") {
    asked.checks_progress = true;
  } else if (argument == "--end-when-hung") {
    options.end_when_hung = true;
  } else if (const auto text = arguments.ValueOf("--progress-timeout", argument)) {
    const std::optional<std::chrono::seconds> timeout = Seconds(*text);
    if (!timeout) return "--progress-timeout is a number of seconds, 1 at least";
    options.progress_timeout = *timeout;
  } else if (std::optional<std::string> fault = TakeMpiFlag(argument, arguments, options.mpi)) {
    return *std::move(fault);
  } else if (const auto directory = arguments.ValueOf("--state", argument)) {
    options.state_directory = *directory;
  } else if (const auto file = arguments.ValueOf("--termination-log", argument)) {
    options.termination_log = *file;
  } else {
    return "unexpected argument '" + std::string(argument) + "' before --";
  }
  return "";
}

int Main(std::span<char* const> argv) {
  if (!argv.empty() && IsRemoteShell(argv[0])) {
    return RunOnPeer(argv.subspan(1), Environment::Of(environ));
  }
  Asked asked;
  LaunchOptions& options = asked.options;
  Arguments arguments(argv.subspan(1));
  while (!arguments.empty()) {
    const std::string_view argument = arguments.Take();
    if (argument == "--help") return Print(kLaunchUsage);
    if (argument == "--version") return Print("ffdl-launch " FFDL_VERSION "\n");
    if (argument == "--") break;
    const std::string fault = TakeFlag(argument, arguments, asked);
    if (!fault.empty()) return Refuse(options, fault);
  }
  if (asked.checks_progress) return CheckProgress(options);
  if (!options.mpi.hosts.empty() &&
      (options.mpi.directory.empty() || options.mpi.key_file.empty())) {
    return Refuse(options, "--mpi-hosts needs --mpi-dir and --mpi-key");
  }
  options.command = arguments.rest();
  if (options.command.empty()) return Refuse(options, "there is no command after --");
  if (asked.beside) return RunBeside(options, Environment::Of(environ));
  const sigset_t mask = KeepSignals();
  prctl(PR_SET_CHILD_SUBREAPER,
        1);  // NOLINT(cppcoreguidelines-pro-type-vararg): if we are not PID 1
  return Launch(options, Environment::Of(environ), mask);
}

}  // namespace
}  // namespace ffdl::agent

int main(int argc, char** argv) {
  return ffdl::agent::Main({argv, static_cast<std::size_t>(argc)});
}
