// The objects that guard learners against others, of jobs that ask for them.
#include "reconcilers/training_job/guards.h"

#include <algorithm>
#include <array>

#include "reconcilers/training_job/desired.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;

struct Guard {
  const k8s::ResourceType& type;
  const std::optional<k8s::Policy>& seen;
  bool asked = false;   // by the job's spec
  bool needed = false;  // as far as the job has come
  json (*desired)(const v1::TrainingJob&);
};

// A budget outlives no decision to stop: it would only keep nodes from being drained. Learners that
// are stopping may still write and be written to, so a policy waits until they are gone; and it
// does nothing while a suspended job has none.
std::array<Guard, 2> GuardsOf(const Pass& pass) {
  const bool finished = IsFinished(pass.job);
  return {Guard{.type = k8s::kNetworkPolicyType,
                .seen = pass.observed.network_policy,
                .asked = pass.job.spec.network_policy.has_value(),
                .needed = !finished || !pass.observed.pods.empty(),
                .desired = &DesiredNetworkPolicy},
          Guard{.type = k8s::kDisruptionBudgetType,
                .seen = pass.observed.disruption_budget,
                .asked = pass.job.spec.disruption_budget.has_value(),
                .needed = !finished && !pass.job.spec.suspend,
                .desired = &DesiredDisruptionBudget}};
}

// Fields beside those that we set are the server's. Those that we set are compared as a whole,
// because a peer with one selector more is another peer.
bool Differs(const json& wanted, const json& seen) {
  return std::ranges::any_of(wanted.items(), [&](const auto& field) {
    const auto it = seen.find(field.key());
    return it == seen.end() || *it != field.value();
  });
}

void Hold(Pass& pass, const Guard& guard) {
  json body = guard.desired(pass.job);
  if (!guard.seen) {
    Create(pass, guard.type, std::move(body), "guard missing");
  } else if (Differs(body["spec"], guard.seen->spec)) {
    Repair(pass, guard.type, guard.seen->meta, std::move(body));
  }
}

}  // namespace

bool HasForeignGuard(const Pass& pass) {
  return std::ranges::any_of(GuardsOf(pass), [&](const Guard& guard) {
    return guard.asked && guard.seen && !IsOurs(pass, guard.seen->meta);
  });
}

Next PlanLiftedGuards(Pass& pass) {
  if (pass.observed.refusal) return Next::kGoOn;
  for (const Guard& guard : GuardsOf(pass)) {
    if (guard.asked && guard.needed) continue;
    if (guard.seen && IsOurs(pass, guard.seen->meta) && !guard.seen->meta.deletion_time) {
      Delete(pass, guard.type, guard.seen->meta, "no longer needed");
    }
  }
  return Next::kGoOn;
}

Next PlanGuards(Pass& pass) {
  for (const Guard& guard : GuardsOf(pass)) {
    if (guard.asked && guard.needed) Hold(pass, guard);
  }
  return Next::kGoOn;
}

}  // namespace ffdl::training_job
