// What a client would send that makes the operator's writes and does nothing else.
#pragma once

#include <vector>

#include "benchmark/client/connection.h"
#include "crds/v1/training_job.h"

namespace ffdl::benchmarks {

// How many of each kind, for all jobs together: as many as the operator was seen to make.
struct WriteCounts {
  int services = 0;
  int learner_sets = 0;
  int statuses = 0;
  int events = 0;
};

// Spread evenly over the jobs, with bodies that the planner makes for them, so with their sizes.
// The StatefulSets ask for no pods.
[[nodiscard]] std::vector<Request> NullWrites(const std::vector<v1::TrainingJob>& jobs,
                                              const WriteCounts& counts);

}  // namespace ffdl::benchmarks
