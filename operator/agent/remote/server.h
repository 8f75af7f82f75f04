#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <string>

#include "operator/agent/environment.h"
#include "operator/agent/files.h"

namespace ffdl::agent {

struct ServerLimits {
  // Of connections at the same time, proven or not.
  std::size_t sessions = 64;
  // From connecting to having proved oneself.
  std::chrono::milliseconds proof{10'000};
};

// Runs what other learners of the job ask for, on a socket of Listen(), until a signal asks to
// stop: which all that runs is told, and given as long as the caller's own end allows. Returns the
// signal. Needs SIGCHLD and kPassedSignals blocked, and the process to be PID 1 or a subreaper.
[[nodiscard]] int ServePeers(const Fd& listener, const std::string& key,
                             const Environment& environment, const sigset_t& mask,
                             const ServerLimits& limits = {});

}  // namespace ffdl::agent
