// Plans of the simulation, played on a real cluster: the operator is killed at a write, before it
// is sent or after it was carried out, and the end must be the one that the simulation reaches.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "k8s-client/runtime/random.h"
#include "test/e2e/harness/cluster_run.h"
#include "test/e2e/harness/cluster_user.h"
#include "test/e2e/harness/operator_process.h"
#include "test/simulation/explore.h"

namespace ffdl::e2e {
namespace {

using simulation::RunSpec;

constexpr int kPointsByDefault = 10;
constexpr int kAtOnce = 6;

// Every crash at a write that the simulation plays with the scenario.
std::vector<RunSpec> CrashesOf(const simulation::Scenario& scenario) {
  std::vector<RunSpec> specs = simulation::SingleFaults(scenario, /*replicas=*/1);
  std::erase_if(specs, [](const RunSpec& spec) {
    return spec.plan.front().place.where != simulation::Where::kWrite ||
           !CanStrike(spec.plan.front().kind);
  });
  return specs;
}

// So many of all crashes, the same each time: from one scenario after the other, at any write.
std::vector<RunSpec> Sample(int points) {
  std::vector<std::vector<RunSpec>> crashes;
  for (const simulation::Scenario& scenario : simulation::Scenarios()) {
    if (CanBePlayed(scenario)) crashes.push_back(CrashesOf(scenario));
  }
  k8s::Random random(1);
  std::vector<RunSpec> sample;
  for (std::size_t turn = 0; sample.size() < static_cast<std::size_t>(points); ++turn) {
    std::vector<RunSpec>& left = crashes.at(turn % crashes.size());
    if (left.empty()) break;
    const auto at = static_cast<std::ptrdiff_t>(random.Next() % left.size());
    sample.push_back(left[static_cast<std::size_t>(at)]);
    left.erase(left.begin() + at);
  }
  return sample;
}

int PointsAskedFor() {
  const char* const given = std::getenv("FFDL_E2E_CRASH_POINTS");
  return given != nullptr ? std::atoi(given) : kPointsByDefault;
}

// FFDL_E2E_CRASH_PLAN plays one plan, as `ffdl-simulate --replay` takes it, instead of the sample.
std::vector<RunSpec> Plans() {
  const char* const given = std::getenv("FFDL_E2E_CRASH_PLAN");
  if (given == nullptr) return Sample(PointsAskedFor());
  const auto spec = simulation::ParseRunSpec(given);
  EXPECT_TRUE(spec) << spec.error().message;
  return {*spec};
}

using CrashPointsTest = StoryWithoutOperator;

TEST_F(CrashPointsTest, EndAsTheSimulationDoes) {
  const std::vector<RunSpec> plans = Plans();
  ASSERT_FALSE(plans.empty());
  // Read once, before there are threads.
  for (const RunSpec& plan : plans) (void)simulation::ExpectedEnd(*plan.scenario);
  ClusterApi api(AdminKubeconfig());
  std::vector<ClusterRunResult> results(plans.size());
  std::atomic<std::size_t> next{0};
  {
    std::vector<std::jthread> players;
    for (int i = 0; i < kAtOnce; ++i) {
      players.emplace_back([&] {
        for (std::size_t run = next++; run < plans.size(); run = next++) {
          results[run] = PlayOnCluster(api, plans[run]);
        }
      });
    }
  }
  for (std::size_t run = 0; run < plans.size(); ++run) {
    const std::string plan = simulation::ToString(plans[run]);
    std::cout << plan << ": " << results[run].writes << " writes, " << results[run].seconds
              << " s\n";
    EXPECT_EQ(std::nullopt, results[run].violation)
        << "\nplay it again: FFDL_E2E_CRASH_PLAN='" << plan << "', or ffdl-simulate --replay '"
        << plan << "'";
    EXPECT_EQ(plans[run].plan.size(), static_cast<std::size_t>(results[run].struck))
        << plan << " was over before its crash";
  }
}

}  // namespace
}  // namespace ffdl::e2e
