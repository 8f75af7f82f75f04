// What the commands of ffdl-agent have in common.
#pragma once

#include <string>

#include "operator/agent/arguments.h"
#include "operator/agent/termination.h"

namespace ffdl::agent {

// Tells people and the termination log; returns the exit code.
int EndWith(const std::string& termination_log, const Termination& termination);

[[nodiscard]] Termination UsageInvalid(const std::string& why);

// True if one of the arguments is --help.
[[nodiscard]] bool AsksForHelp(const Arguments& arguments);

// The commands: each takes its arguments and returns the exit code of the program.
int RunInstall(Arguments arguments);
int RunFetch(Arguments arguments);

}  // namespace ffdl::agent
