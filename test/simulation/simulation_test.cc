// The simulation itself: that it is what it says, and that it would notice.
#include <gtest/gtest.h>

#include <algorithm>

#include "test/simulation/explore.h"

namespace ffdl::simulation {
namespace {

TEST(SimulationTest, TheSameSeedGivesTheSameTrace) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const RunSpec spec = Swarm(seed);
    const std::string& expected = ExpectedEnd(*spec.scenario);
    EXPECT_EQ(Play(spec, expected, /*trace=*/true).trace,
              Play(spec, expected, /*trace=*/true).trace)
        << ToString(spec);
  }
}

TEST(SimulationTest, AnotherSeedGivesAnotherTrace) {
  RunSpec spec{.scenario = FindScenario("complete"), .seed = 1};
  const RunResult one = Play(spec, std::nullopt, /*trace=*/true);
  spec.seed = 2;
  EXPECT_NE(one.trace, Play(spec, std::nullopt, /*trace=*/true).trace);
}

TEST(SimulationTest, NoSeedChangesTheEndOfARunWithoutFaults) {
  for (const Scenario& scenario : Scenarios()) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const RunSpec spec{.scenario = &scenario, .seed = seed};
      EXPECT_EQ(std::nullopt, Play(spec, ExpectedEnd(scenario)).violation) << ToString(spec);
    }
  }
}

// An apply that changes nothing must not be asked for again and again: a server that stores it all
// the same would tell of it, and so on for ever.
TEST(SimulationTest, NothingIsWrittenOnceNothingChanges) {
  for (const Scenario& scenario : Scenarios()) {
    const RunResult result = Play({.scenario = &scenario}, ExpectedEnd(scenario));
    EXPECT_EQ(0, result.quiet_writes) << scenario.name;
    EXPECT_EQ(0, result.wasted_writes) << scenario.name;
  }
}

TEST(SimulationTest, PlaysMoreThan3000SingleFaults) {
  std::size_t plans = 0;
  for (const Scenario& scenario : Scenarios()) {
    if (scenario.is_main) plans += SingleFaults(scenario, 1).size();
  }
  EXPECT_GE(plans, 3000U);
}

TEST(SimulationTest, NoticesAnEndThatIsNotReached) {
  const RunSpec spec{.scenario = FindScenario("complete")};
  EXPECT_TRUE(Play(spec, "another end").violation);
}

TEST(SimulationTest, SpecsAreReadAsTheyAreWritten) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const std::string text = ToString(Swarm(seed));
    const auto read = ParseRunSpec(text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(text, ToString(*read));
  }
  EXPECT_FALSE(ParseRunSpec("complete faults=crash@write:1"));
  EXPECT_FALSE(ParseRunSpec("no-such-scenario"));
}

}  // namespace
}  // namespace ffdl::simulation
