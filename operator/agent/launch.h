#pragma once

#include <chrono>
#include <span>
#include <string>

#include "operator/agent/environment.h"
#include "operator/agent/remote/mpi.h"
#include "operator/agent/termination.h"

namespace ffdl::agent {

struct LaunchOptions {
  std::string state_directory;  // "" for no memory of an earlier start
  std::string termination_log{kTerminationLog};
  std::chrono::seconds progress_timeout{0};  // 0 not to watch the program's progress
  bool end_when_hung = false;
  MpiOptions mpi;
  std::span<char* const> command;  // program and arguments, nullptr-terminated
};

// All that ffdl-launch does, see kLaunchUsage. Returns its exit code. Expects kPassedSignals and
// SIGCHLD to be blocked; `mask` is what the program gets.
[[nodiscard]] int Launch(const LaunchOptions& options, const Environment& given,
                         const sigset_t& mask);

// One line to standard error: what our own log has to say.
void Say(std::string_view line);

}  // namespace ffdl::agent
