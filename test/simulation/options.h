// How much of the simulation a test run plays.
#pragma once

#include <cstddef>
#include <cstdint>

#include "test/simulation/scenario.h"

namespace ffdl::simulation {

// Random runs in all: FFDL_SIMULATION_SEEDS, 10,000 without it.
[[nodiscard]] std::uint64_t Seeds();

// Every how many-eth of a scenario's single faults is played: all of the scenarios that a job's
// life is made of, a share of the others, and all of all when more seeds than usual are asked for.
[[nodiscard]] std::size_t SingleFaultStep(const Scenario& scenario, int replicas);

}  // namespace ffdl::simulation
