#include "test/simulation/options.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace ffdl::simulation {
namespace {

constexpr std::uint64_t kSeedsUsual = 10'000;
constexpr std::size_t kShare = 10;

}  // namespace

std::uint64_t Seeds() {
  const char* const seeds = std::getenv("FFDL_SIMULATION_SEEDS");  // NOLINT(concurrency-mt-unsafe)
  return seeds == nullptr ? kSeedsUsual : std::stoull(seeds);
}

std::size_t SingleFaultStep(const Scenario& scenario, int replicas) {
  const bool all = Seeds() > kSeedsUsual || (scenario.is_main && replicas == 1);
  return (all ? 1 : kShare) * std::max<std::size_t>(1, kSeedsUsual / Seeds());
}

}  // namespace ffdl::simulation
