#include "test/simulation/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <sstream>
#include <utility>

#include "k8s-client/runtime/event_recorder.h"
#include "test/simulation/digest.h"
#include "test/simulation/world.h"

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kLook{5};
// Nothing has been written for so long: what was going on has ended, one way or another.
constexpr std::chrono::seconds kRest{30};
// The same without knowing the end: longer than anything waits (a node that is given up).
constexpr std::chrono::minutes kLongRest{15};
// Once nobody disturbs any more, the end must be reached within this.
constexpr std::chrono::minutes kReachMax{30};
// The count of a series of events is told once more when it has been silent for so long.
constexpr std::chrono::minutes kLastWord =
    k8s::EventRecorder::kSeriesSilenceMax + k8s::EventRecorder::kLookEvery * 2;
constexpr std::chrono::hours kQuiet{1};

bool IsAtRest(const World& world, std::chrono::nanoseconds rest) {
  return world.UsersAreDone() && world.now() - world.oracle().changed_at() >= rest;
}

// Plays until the end is reached; says why it was not.
std::optional<std::string> PlayToEnd(World& world, const Scenario& scenario,
                                     const std::string& expected) {
  const std::chrono::nanoseconds fault_max = world.options().lease_duration * 3;
  std::chrono::nanoseconds compared_at{0};
  std::string digest;
  while (true) {
    world.Pass(kLook);
    if (world.oracle().violation()) return world.oracle().violation();
    const std::chrono::nanoseconds since = world.now() - world.DisturbedAt();
    if (IsAtRest(world, kRest) && since >= fault_max &&
        world.oracle().changed_at() >= compared_at) {
      compared_at = world.now();
      digest = DigestOf(world.api().log(), !scenario.attempts_vary);
      if (digest == expected) return std::nullopt;
    }
    if (since > kReachMax) {
      return fmt::format(
          "the end was not reached within {} minutes\n--- expected\n{}--- reached\n{}",
          kReachMax.count(), expected, DigestOf(world.api().log(), !scenario.attempts_vary));
    }
  }
}

// The same without knowing the end.
std::optional<std::string> PlayToRest(World& world) {
  while (!IsAtRest(world, kLongRest) && !world.oracle().violation()) world.Pass(kLook);
  return world.oracle().violation();
}

std::optional<std::string> PlayQuietHour(World& world, RunResult& result) {
  world.Pass(kLastWord);
  const int before = world.oracle().operator_writes();
  world.Pass(kQuiet);
  if (world.oracle().violation()) return world.oracle().violation();
  result.quiet_writes = world.oracle().operator_writes() - before;
  if (result.quiet_writes == 0) return std::nullopt;
  return fmt::format("{} writes in a quiet hour", result.quiet_writes);
}

std::optional<std::string> PlayWhole(World& world, const Scenario& scenario,
                                     const std::optional<std::string>& expected,
                                     RunResult& result) {
  auto violation = expected ? PlayToEnd(world, scenario, *expected) : PlayToRest(world);
  result.places = world.faults().places();
  return violation ? violation : PlayQuietHour(world, result);
}

}  // namespace

RunResult Play(const RunSpec& spec, const std::optional<std::string>& expected, bool trace) {
  World world(spec, trace);
  RunResult result;
  try {
    world.Begin();
    result.violation = PlayWhole(world, *spec.scenario, expected, result);
  } catch (const std::exception& error) {  // the real process would have ended by it
    result.violation = fmt::format("an exception nobody caught: {}", error.what());
  }
  result.digest = DigestOf(world.api().log(), !spec.scenario->attempts_vary);
  result.wasted_writes = world.wasted_writes();
  if (!result.violation && spec.plan.empty() && result.wasted_writes > 0) {
    result.violation =
        fmt::format("{} writes that changed nothing, without any fault", result.wasted_writes);
  }
  result.trace = world.trace().lines();
  return result;
}

const std::string& ExpectedEnd(const Scenario& scenario) {
  static std::map<std::string_view, std::string> ends;
  const auto it = ends.find(scenario.name);
  if (it != ends.end()) return it->second;
  const std::ifstream file(fmt::format("{}/{}.txt", FFDL_SIMULATION_ENDS, scenario.name));
  std::ostringstream text;
  text << file.rdbuf();
  return ends[scenario.name] = text.str();
}

std::string ToString(const RunSpec& spec) {
  return fmt::format("{} seed={} replicas={} lease={} faults={}", spec.scenario->name, spec.seed,
                     spec.replicas, spec.short_lease ? "short" : "long", ToString(spec.plan));
}

namespace {

std::optional<std::string> ReadWord(const std::string& word, RunSpec& spec) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) {
    spec.scenario = FindScenario(word);
    if (spec.scenario != nullptr) return std::nullopt;
    return fmt::format("'{}' is no scenario; --list shows them", word);
  }
  const std::string name = word.substr(0, equals);
  const std::string value = word.substr(equals + 1);
  if (name == "lease") {
    spec.short_lease = value == "short";
  } else if (name == "faults") {
    auto plan = ParseFaultPlan(value);
    if (!plan) return plan.error().message;
    spec.plan = std::move(*plan);
  } else if (name == "seed" && !value.empty() && std::ranges::all_of(value, ::isdigit)) {
    spec.seed = std::stoull(value);
  } else if (name == "replicas" && (value == "1" || value == "2")) {
    spec.replicas = std::stoi(value);
  } else {
    return fmt::format("'{}' is not understood", word);
  }
  return std::nullopt;
}

}  // namespace

k8s::Result<RunSpec> ParseRunSpec(const std::string& text) {
  RunSpec spec;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) {
      if (const auto wrong = ReadWord(text.substr(at, end - at), spec)) {
        return k8s::Fail(k8s::ErrorCode::kInvalid, *wrong);
      }
    }
    at = end + 1;
  }
  if (spec.scenario == nullptr) {
    return k8s::Fail(k8s::ErrorCode::kInvalid, "name a scenario; --list shows them");
  }
  return spec;
}

}  // namespace ffdl::simulation
