#pragma once

#include <sys/types.h>

#include <vector>

namespace ffdl::agent {

// Children of the process, their children and so on, as /proc shows them now.
[[nodiscard]] std::vector<pid_t> DescendantsOf(pid_t process);

// Sends the signal to each of DescendantsOf(this process).
void SignalDescendants(int signal);

}  // namespace ffdl::agent
