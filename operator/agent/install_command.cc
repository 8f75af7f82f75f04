#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "operator/agent/command.h"
#include "operator/agent/install.h"

namespace ffdl::agent {
namespace {

constexpr std::size_t kPathBytesMax = 4096;

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

}  // namespace

int RunInstall(Arguments arguments) {
  InstallOptions options{.launch_from = LaunchPath()};
  std::string termination_log(kTerminationLog);
  const std::optional<std::string> unexpected = ReadFlags(
      arguments, [&](std::string_view flag) { return TargetOf(flag, options, termination_log); });
  if (unexpected) {
    return EndWith(termination_log, UsageInvalid("unexpected argument '" + *unexpected + "'"));
  }
  if (options.launch_to.empty() || options.code_from.empty() != options.code_to.empty()) {
    return EndWith(termination_log,
                   UsageInvalid("--launch-to is needed, and --code-from goes with --code-to"));
  }
  umask(0);  // folders are for the learner, too, whatever its user is
  const auto installed = Install(options);
  return installed ? 0 : EndWith(termination_log, installed.error());
}

}  // namespace ffdl::agent
