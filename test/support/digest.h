#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ffdl::test {

// All that a namespace holds of jobs; of each kind in the order of names.
struct JobsAndChildren {
  std::vector<nlohmann::json> jobs;
  std::vector<nlohmann::json> services;
  std::vector<nlohmann::json> claims;
  std::vector<nlohmann::json> network_policies;
  std::vector<nlohmann::json> disruption_budgets;
  std::vector<nlohmann::json> stateful_sets;
  std::vector<nlohmann::json> pods;
};

// The end of a story in words that depend neither on its seed nor on the cluster that it was played
// on: the jobs' states, conditions and counts, and everything that exists for them. With `attempts`
// also how many attempts it took. The objects are as an API server sends them.
[[nodiscard]] std::string DigestOf(const JobsAndChildren& end, bool attempts);

}  // namespace ffdl::test
