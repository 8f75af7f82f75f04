#include "operator/agent/command.h"

#include <unistd.h>

#include <algorithm>

#include "operator/agent/files.h"

namespace ffdl::agent {

int EndWith(const std::string& termination_log, const Termination& termination) {
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

std::optional<std::string> ReadFlags(
    Arguments arguments, const std::function<std::string*(std::string_view flag)>& target_of) {
  while (!arguments.empty()) {
    const std::string_view argument = arguments.Take();
    const std::string_view flag = argument.substr(0, argument.find('='));
    std::string* const target = target_of(flag);
    const std::optional<std::string_view> value = arguments.ValueOf(flag, argument);
    if (target == nullptr || !value) return std::string(argument);
    *target = *value;
  }
  return std::nullopt;
}

bool AsksForHelp(const Arguments& arguments) {
  return std::ranges::any_of(arguments.rest(),
                             [](std::string_view argument) { return argument == "--help"; });
}

}  // namespace ffdl::agent
