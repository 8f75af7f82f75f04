#pragma once

#include <sys/types.h>

#include <csignal>
#include <span>
#include <tl/expected.hpp>

#include "operator/agent/environment.h"
#include "operator/agent/termination.h"

namespace ffdl::agent {

struct ProgramStreams {
  int input = -1;  // -1 for ours
  int output = -1;
  int error = -1;
};

// Starts `command` (program and arguments, nullptr-terminated) in a process group of its own, with
// the signal mask given and no signal ignored. Gives its process id, or how to tell that nothing
// was started: CommandNotFound, CommandNotExecutable or LaunchFailed.
[[nodiscard]] tl::expected<pid_t, Termination> StartProgram(std::span<char* const> command,
                                                            const Environment& environment,
                                                            const ProgramStreams& streams,
                                                            const sigset_t& mask);

}  // namespace ffdl::agent
