// Many runs: every single fault, random swarms, and the smallest plan that still fails.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "test/simulation/run.h"

namespace ffdl::simulation {

// Every single fault that can strike the scenario, as a run without faults comes by the places.
// With two replicas only those that concern the lease or make the other replica take over.
[[nodiscard]] std::vector<RunSpec> SingleFaults(const Scenario& scenario, int replicas);

// A run with several faults: all of it follows from the seed.
[[nodiscard]] RunSpec Swarm(std::uint64_t seed);

// Drops faults one by one for as long as the run still fails.
[[nodiscard]] RunSpec Shrink(RunSpec failing);

// The violation, how to play it again, and the trace.
[[nodiscard]] std::string Report(const RunSpec& failing);

}  // namespace ffdl::simulation
