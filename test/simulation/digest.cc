#include "test/simulation/digest.h"

#include <vector>

#include "test/support/digest.h"

namespace ffdl::simulation {
namespace {

std::vector<Json> ObjectsOf(const ObjectLog& log, const Kind& kind) {
  std::vector<Json> objects;
  for (const auto& [key, stored] : log.All(kind)) objects.push_back(stored->object);
  return objects;
}

}  // namespace

std::string DigestOf(const ObjectLog& log, bool attempts) {
  return test::DigestOf({.jobs = ObjectsOf(log, kTrainingJobs),
                         .services = ObjectsOf(log, kServices),
                         .claims = ObjectsOf(log, kClaims),
                         .network_policies = ObjectsOf(log, kNetworkPolicies),
                         .disruption_budgets = ObjectsOf(log, kDisruptionBudgets),
                         .stateful_sets = ObjectsOf(log, kStatefulSets),
                         .pods = ObjectsOf(log, kPods)},
                        attempts);
}

}  // namespace ffdl::simulation
