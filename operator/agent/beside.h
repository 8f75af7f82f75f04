#pragma once

#include "operator/agent/environment.h"
#include "operator/agent/launch.h"

namespace ffdl::agent {

// Becomes `options.command` beside a program that ffdl-launch runs in the same container, with that
// program's environment and with its output in the container's log. Returns only when there is no
// program that runs (0) or the command cannot be started (an exit code as shells have it).
[[nodiscard]] int RunBeside(const LaunchOptions& options, const Environment& given);

}  // namespace ffdl::agent
