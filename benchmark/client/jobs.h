// The jobs of the benchmark.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "benchmark/client/connection.h"
#include "crds/v1/training_job.h"
#include "k8s-client/meta/result.h"

namespace ffdl::benchmarks {

// What all jobs of one run have in common. They bear the label ffdl-benchmark=<prefix>.
struct JobKind {
  std::string ns;
  std::string prefix;
  int learners = 1;
  std::string runs_for = "2s";  // how long the simulated node lets a learner run
};

// One request each; `number` counts from 0.
[[nodiscard]] Request CreateJob(const JobKind& kind, int number);

// All jobs of the kind, as the API server has them now.
[[nodiscard]] k8s::Result<std::vector<v1::TrainingJob>> ListJobs(Connection& connection,
                                                                 const JobKind& kind);

}  // namespace ffdl::benchmarks
