// ffdl-simulate: plays one run of the simulation, or looks for one that fails.
#include <fmt/format.h>

#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "test/simulation/explore.h"

namespace {

using namespace ffdl::simulation;

constexpr int kExitUsage = 2;

constexpr std::string_view kHelp =
    R"(ffdl-simulate: the operator on a virtual clock, against a model of the API server.

  ffdl-simulate --replay 'complete seed=7 replicas=1 lease=long faults=crash-after@write:3'
                              play this run; print its trace, its end and what it wrote for nothing
  ffdl-simulate --seed N      play the random run of this seed and print its trace
  ffdl-simulate --single SCENARIO
                              play every single fault of a scenario; print what fails
  ffdl-simulate --swarm FROM TO
                              play the random runs of these seeds; print what fails
  ffdl-simulate --list        name the scenarios
  ffdl-simulate --end SCENARIO
                              print how it ends without faults: what ends/SCENARIO.txt must say

Exit status: 0 when all is well, 1 when a run fails, 2 when the arguments are wrong.
)";

int Complain(std::string_view what) {
  fmt::print(stderr, "ffdl-simulate: {}; see --help\n", what);
  return kExitUsage;
}

int Show(const RunSpec& spec) {
  const RunResult result = Play(spec, ExpectedEnd(*spec.scenario), /*trace=*/true);
  for (const std::string& line : result.trace) fmt::print("{}\n", line);
  fmt::print("\n{}\n{}writes that changed nothing: {}\nwrites in the quiet hour: {}\n{}\n",
             ToString(spec), result.digest, result.wasted_writes, result.quiet_writes,
             result.violation.value_or("all is well"));
  return result.violation ? EXIT_FAILURE : EXIT_SUCCESS;
}

bool Holds(const RunSpec& spec) {
  const RunResult result = Play(spec, ExpectedEnd(*spec.scenario));
  if (!result.violation) return true;
  fmt::print("{}\n  {}\n", ToString(spec), *result.violation);
  return false;
}

int PlaySingle(const Scenario& scenario) {
  int played = 0;
  int failed = 0;
  for (const int replicas : {1, 2}) {
    for (const RunSpec& spec : SingleFaults(scenario, replicas)) {
      ++played;
      if (!Holds(spec)) ++failed;
    }
  }
  fmt::print("{}: {} runs, {} failed\n", scenario.name, played, failed);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int PrintEnd(const Scenario& scenario) {
  fmt::print("{}", Play({.scenario = &scenario}, std::nullopt).digest);
  return EXIT_SUCCESS;
}

int PlaySwarm(std::uint64_t from, std::uint64_t to) {
  int failed = 0;
  for (std::uint64_t seed = from; seed <= to; ++seed) {
    if (!Holds(Swarm(seed))) ++failed;
  }
  fmt::print("{} runs, {} failed\n", to - from + 1, failed);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int Main(std::span<const std::string> arguments) {
  const std::string command = arguments.empty() ? "--help" : arguments.front();
  if (command == "--help") {
    fmt::print("{}", kHelp);
    return EXIT_SUCCESS;
  }
  if (command == "--list") {
    for (const Scenario& scenario : Scenarios()) fmt::print("{}\n", scenario.name);
    return EXIT_SUCCESS;
  }
  if (command == "--replay" && arguments.size() == 2) {
    const auto spec = ParseRunSpec(arguments[1]);
    return spec ? Show(*spec) : Complain(spec.error().message);
  }
  if (command == "--seed" && arguments.size() == 2) return Show(Swarm(std::stoull(arguments[1])));
  if (arguments.size() == 2 && (command == "--single" || command == "--end")) {
    const Scenario* const scenario = FindScenario(arguments[1]);
    if (scenario == nullptr) return Complain("no such scenario");
    return command == "--end" ? PrintEnd(*scenario) : PlaySingle(*scenario);
  }
  if (command == "--swarm" && arguments.size() == 3) {
    return PlaySwarm(std::stoull(arguments[1]), std::stoull(arguments[2]));
  }
  return Complain("these arguments are not understood");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    return Main(arguments);
  } catch (const std::exception& error) {
    return Complain(error.what());
  }
}
