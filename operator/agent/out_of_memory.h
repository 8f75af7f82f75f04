#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "operator/agent/termination.h"

namespace ffdl::agent {

// How many processes of this container the kernel has killed because its memory limit was reached;
// nothing where the control group cannot be read. `root` is where control groups are mounted: both
// versions are understood (memory.oom_control of version 1, memory.events of version 2).
//
// The container runtime tells this, too, but only when it hears of the kill before the container is
// gone.
[[nodiscard]] std::optional<std::uint64_t> OutOfMemoryKills(
    const std::string& root = "/sys/fs/cgroup");

// `termination`, told as a want of memory when a process was killed for it while the program ran. A
// program that succeeded all the same has succeeded.
[[nodiscard]] Termination ExplainByMemory(Termination termination,
                                          std::optional<std::uint64_t> kills_before,
                                          std::optional<std::uint64_t> kills_after);

}  // namespace ffdl::agent
