// One run: a scenario, a seed, a plan of faults, and what came of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "k8s-client/meta/result.h"
#include "test/simulation/faults/fault.h"
#include "test/simulation/scenario.h"

namespace ffdl::simulation {

struct RunSpec {
  const Scenario* scenario = nullptr;
  std::uint64_t seed = 1;
  int replicas = 1;          // operators at a time
  bool short_lease = false;  // the operator's own defaults, else a lease of 75 s
  FaultPlan plan;
};

// "complete seed=7 replicas=2 lease=short faults=crash-after@write:3": what --replay takes.
[[nodiscard]] std::string ToString(const RunSpec& spec);
[[nodiscard]] k8s::Result<RunSpec> ParseRunSpec(const std::string& text);

struct RunResult {
  std::optional<std::string> violation;
  std::string digest;           // of the end
  std::map<Where, int> places;  // how many the run came by
  int wasted_writes = 0;        // that changed nothing
  int quiet_writes = -1;        // in the quiet hour; -1 when the run did not come so far
  std::vector<std::string> trace;
};

// Plays the scenario to its end, then a quiet hour. `expected` is the digest that must be reached;
// without one the run ends when nothing has happened for a long time.
[[nodiscard]] RunResult Play(const RunSpec& spec, const std::optional<std::string>& expected,
                             bool trace = false);

// How the scenario must end: ends/<scenario>.txt.
[[nodiscard]] const std::string& ExpectedEnd(const Scenario& scenario);

}  // namespace ffdl::simulation
