// One job from its creation until its last pod is gone, as an API server tells of it.
#pragma once

#include <chrono>

#include "benchmark/replay/api.h"
#include "benchmark/replay/arrivals.h"
#include "benchmark/replay/world.h"

namespace ffdl::benchmarks {

// The events that a scheduler, a StatefulSet controller and a kubelet cause, with a pause after
// each, so that none finds another still waiting; after a step that asks for writes it waits for
// them.
void Live(ReplayApi& api, const World& world, Arrivals& arrivals, int number,
          std::chrono::milliseconds pause);

}  // namespace ffdl::benchmarks
