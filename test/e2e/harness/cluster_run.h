#pragma once

#include <optional>
#include <string>

#include "test/e2e/harness/cluster_api.h"
#include "test/simulation/run.h"

namespace ffdl::e2e {

// What came of a run.
struct ClusterRunResult {
  std::optional<std::string> violation;
  int struck = 0;  // faults of the plan that the run came by
  int writes = 0;  // of all its operators
  double seconds = 0;
};

// The faults that a run on a real cluster can strike with.
[[nodiscard]] bool CanStrike(simulation::FaultKind kind);

// Plays a run of the simulation on the real cluster, in a namespace of its own, and compares its
// end with the one that the simulation reaches. The operator is the real process, behind a proxy
// that kills it at the writes that the plan says, before the server has heard of them or once it
// has carried them out; then the next one is started. It watches that namespace alone and needs no
// lease, so several runs may go on at once, each on a thread of its own.
[[nodiscard]] ClusterRunResult PlayOnCluster(ClusterApi& api, const simulation::RunSpec& spec);

}  // namespace ffdl::e2e
