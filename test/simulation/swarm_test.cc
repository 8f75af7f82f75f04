// Random runs with several faults each, in as many cases as make use of the machine's cores.
#include <gtest/gtest.h>

#include "test/simulation/explore.h"
#include "test/simulation/options.h"

namespace ffdl::simulation {
namespace {

constexpr std::uint64_t kParts = 8;

class SwarmTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(SwarmTest, ComesToTheEndWhateverGoesWrong) {
  for (std::uint64_t seed = GetParam(); seed < Seeds(); seed += kParts) {
    const RunSpec spec = Swarm(seed);
    ASSERT_FALSE(Play(spec, ExpectedEnd(*spec.scenario)).violation) << "seed " << seed << "\n"
                                                                    << Report(spec);
  }
}

INSTANTIATE_TEST_SUITE_P(Parts, SwarmTest, testing::Range(std::uint64_t{0}, kParts));

}  // namespace
}  // namespace ffdl::simulation
