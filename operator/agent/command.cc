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

bool AsksForHelp(const Arguments& arguments) {
  return std::ranges::any_of(arguments.rest(),
                             [](std::string_view argument) { return argument == "--help"; });
}

}  // namespace ffdl::agent
