// What the commands of ffdl-agent have in common.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "operator/agent/arguments.h"
#include "operator/agent/termination.h"

namespace ffdl::agent {

// Tells people and the termination log; returns the exit code.
int EndWith(const std::string& termination_log, const Termination& termination);

[[nodiscard]] Termination UsageInvalid(const std::string& why);

// Puts the value of each flag where `target_of` says; null refuses the flag. Returns the first
// argument that is no such flag with a value, if there is one.
[[nodiscard]] std::optional<std::string> ReadFlags(
    Arguments arguments, const std::function<std::string*(std::string_view flag)>& target_of);

// True if one of the arguments is --help.
[[nodiscard]] bool AsksForHelp(const Arguments& arguments);

// The commands: each takes its arguments and returns the exit code of the program.
int RunInstall(Arguments arguments);
int RunFetch(Arguments arguments);

}  // namespace ffdl::agent
