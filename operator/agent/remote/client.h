#pragma once

#include <chrono>
#include <span>

#include "operator/agent/environment.h"

namespace ffdl::agent {

// Of a remote shell's own failures, as ssh has it.
inline constexpr int kExitShellFailed = 255;

// What the program does under the name ffdl-rsh, ssh or rsh: has another learner of the job run a
// command, with our standard streams, signals and, in the end, its exit code. `arguments` are those
// behind the name. Where the key is, FFDL_MPI_KEY says, and FFDL_MPI_PORT which port to ask.
[[nodiscard]] int RunOnPeer(std::span<char* const> arguments, const Environment& environment);

}  // namespace ffdl::agent
