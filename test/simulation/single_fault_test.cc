// Every single fault of every scenario: one case a scenario.
#include <gtest/gtest.h>

#include <cctype>
#include <string>

#include "test/simulation/explore.h"
#include "test/simulation/options.h"

namespace ffdl::simulation {
namespace {

class SingleFaultTest : public testing::TestWithParam<Scenario> {};

void PlayAll(const Scenario& scenario, int replicas) {
  const std::vector<RunSpec> specs = SingleFaults(scenario, replicas);
  ASSERT_GT(specs.size(), 100U);
  const std::string& expected = ExpectedEnd(scenario);
  for (std::size_t i = 0; i < specs.size(); i += SingleFaultStep(scenario, replicas)) {
    ASSERT_FALSE(Play(specs[i], expected).violation) << Report(specs[i]);
  }
}

TEST_P(SingleFaultTest, OneOperatorRecovers) { PlayAll(GetParam(), 1); }
TEST_P(SingleFaultTest, TheOtherReplicaTakesOver) { PlayAll(GetParam(), 2); }

INSTANTIATE_TEST_SUITE_P(Scenarios, SingleFaultTest, testing::ValuesIn(Scenarios()),
                         [](const auto& entry) {
                           std::string name(entry.param.name);
                           std::erase_if(name, [](char c) { return std::isalnum(c) == 0; });
                           return name;
                         });

}  // namespace
}  // namespace ffdl::simulation
