#include "test/simulation/explore.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "k8s-client/runtime/random.h"

namespace ffdl::simulation {
namespace {

using enum FaultKind;

// Renewals go on for ever, and all but the first are the same.
constexpr int kLeasePlacesMax = 6;
constexpr std::size_t kFaultsMin = 2;
constexpr std::size_t kFaultsMax = 6;
constexpr std::array kTakeOvers{kCrashBefore, kCrashAfter, kPause, kStop, kPartition};

constexpr std::array kPlaces{Where::kWrite, Where::kLease, Where::kRead, Where::kEvent,
                             Where::kFill};
// Where more happens in a run, more goes wrong.
constexpr std::array kAnywhere{Where::kWrite, Where::kWrite, Where::kWrite,
                               Where::kEvent, Where::kEvent, Where::kEvent,
                               Where::kLease, Where::kRead,  Where::kFill};

bool TakesOver(FaultKind kind) { return std::ranges::find(kTakeOvers, kind) != kTakeOvers.end(); }

std::uint64_t Below(k8s::Random& random, std::uint64_t bound) { return random.Next() % bound; }

}  // namespace

std::vector<RunSpec> SingleFaults(const Scenario& scenario, int replicas) {
  const bool both = replicas > 1;
  const RunSpec base{.scenario = &scenario, .replicas = replicas};
  const RunResult recorded = Play(base, std::nullopt);
  std::vector<RunSpec> specs;
  for (const auto& [where, count] : recorded.places) {
    const int last =
        where == Where::kLease || where == Where::kRead ? std::min(count, kLeasePlacesMax) : count;
    for (int nth = 1; nth <= last; ++nth) {
      for (const FaultKind kind : KindsAt(where)) {
        if (both && where != Where::kLease && !TakesOver(kind)) continue;
        RunSpec spec = base;
        spec.plan = {{.place = {.where = where, .nth = nth}, .kind = kind}};
        specs.push_back(std::move(spec));
      }
    }
  }
  return specs;
}

RunSpec Swarm(std::uint64_t seed) {
  k8s::Random random(seed ^ 0x5EEDULL);
  RunSpec spec{.seed = seed};
  spec.scenario = &Scenarios()[Below(random, Scenarios().size())];
  spec.replicas = Below(random, 4) == 0 ? 2 : 1;
  spec.short_lease = Below(random, 32) == 0;
  // A subset of the kinds, so that rare ones are not always drowned by frequent ones.
  std::set<FaultKind> kinds;
  for (const Where where : kPlaces) {
    for (const FaultKind kind : KindsAt(where)) {
      if (Below(random, 2) == 0) kinds.insert(kind);
    }
  }
  const auto faults = kFaultsMin + Below(random, kFaultsMax - kFaultsMin + 1);
  while (spec.plan.size() < faults) {
    const Where where = kAnywhere.at(Below(random, kAnywhere.size()));
    const auto known = KindsAt(where);
    const FaultKind kind = known[Below(random, known.size())];
    const int nth = 1 + static_cast<int>(Below(random, where == Where::kEvent ? 40 : 14));
    if (kinds.contains(kind)) {
      spec.plan.push_back({.place = {.where = where, .nth = nth}, .kind = kind});
    }
  }
  return spec;
}

RunSpec Shrink(RunSpec failing) {
  const std::string& expected = ExpectedEnd(*failing.scenario);
  for (std::size_t i = 0; i < failing.plan.size();) {
    RunSpec smaller = failing;
    smaller.plan.erase(smaller.plan.begin() + static_cast<std::ptrdiff_t>(i));
    if (Play(smaller, expected).violation) {
      failing = std::move(smaller);
      i = 0;
    } else {
      ++i;
    }
  }
  return failing;
}

std::string Report(const RunSpec& failing) {
  const RunSpec smallest = Shrink(failing);
  const RunResult result = Play(smallest, ExpectedEnd(*smallest.scenario), /*trace=*/true);
  std::string text = fmt::format("{}\nfound by: {}\nreplay:   ffdl-simulate --replay '{}'\n",
                                 result.violation.value_or("it does not fail again"),
                                 ToString(failing), ToString(smallest));
  for (const std::string& line : result.trace) text.append(line).append("\n");
  return text;
}

}  // namespace ffdl::simulation
