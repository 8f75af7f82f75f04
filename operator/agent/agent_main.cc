#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "operator/agent/arguments.h"
#include "operator/agent/files.h"
#include "operator/agent/install.h"
#include "operator/agent/usage.h"

namespace ffdl::agent {
namespace {

constexpr std::size_t kPathBytesMax = 4096;

int End(const std::string& termination_log, const Termination& termination) {
  (void)WriteAll(STDERR_FILENO, "ffdl-agent: " + termination.message + "\n");
  const Result<void> written = OverwriteFile(termination_log, ToJson(termination, {}));
  if (!written) (void)WriteAll(STDERR_FILENO, "ffdl-agent: " + written.error().message + "\n");
  return termination.exit_code;
}

Termination UsageInvalid(const std::string& why) {
  return {.reason = reason::kUsageInvalid,
          .exit_code = kExitUsage,
          .message = why + "; see ffdl-agent --help"};
}

// ffdl-launch lies beside this program.
std::string LaunchPath() {
  std::array<char, kPathBytesMax> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  const std::string self(path.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return self.substr(0, self.rfind('/') + 1) + "ffdl-launch";
}

// Where the value of a flag goes.
std::string* TargetOf(std::string_view flag, InstallOptions& options,
                      std::string& termination_log) {
  if (flag == "--launch-to") return &options.launch_to;
  if (flag == "--code-from") return &options.code_from;
  if (flag == "--code-to") return &options.code_to;
  if (flag == "--code-name") return &options.code_name;
  if (flag == "--code-claim") return &options.code_claim;
  if (flag == "--make-dir") return &options.make_directories.emplace_back();
  if (flag == "--termination-log") return &termination_log;
  return nullptr;
}

int RunInstall(Arguments arguments) {
  InstallOptions options{.launch_from = LaunchPath()};
  std::string termination_log(kTerminationLog);
  while (!arguments.empty()) {
    const std::string_view argument = arguments.Take();
    const std::string_view flag = argument.substr(0, argument.find('='));
    std::string* target = TargetOf(flag, options, termination_log);
    const std::optional<std::string_view> value = arguments.ValueOf(flag, argument);
    if (target == nullptr || !value) {
      return End(termination_log,
                 UsageInvalid("unexpected argument '" + std::string(argument) + "'"));
    }
    *target = *value;
  }
  if (options.launch_to.empty() || options.code_from.empty() != options.code_to.empty()) {
    return End(termination_log,
               UsageInvalid("--launch-to is needed, and --code-from goes with --code-to"));
  }
  umask(0);  // folders are for the learner, too, whatever its user is
  const auto installed = Install(options);
  return installed ? 0 : End(termination_log, installed.error());
}

int Main(std::span<char* const> argv) {
  Arguments arguments(argv.subspan(1));
  const std::string_view command = arguments.empty() ? "" : arguments.Take();
  if (command == "install") {
    for (const std::string_view argument : arguments.rest()) {
      if (argument == "--help") return WriteAll(STDOUT_FILENO, kAgentUsage);
    }
    return RunInstall(arguments);
  }
  if (command == "--help") return WriteAll(STDOUT_FILENO, kAgentUsage);
  if (command == "--version") return WriteAll(STDOUT_FILENO, "ffdl-agent " FFDL_VERSION "\n");
  return End(std::string(kTerminationLog),
             UsageInvalid("unknown command '" + std::string(command) + "'"));
}

}  // namespace
}  // namespace ffdl::agent

int main(int argc, char** argv) {
  return ffdl::agent::Main({argv, static_cast<std::size_t>(argc)});
}
