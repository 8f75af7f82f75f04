#include "reconcilers/training_job/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "crds/v1/conditions.h"
#include "reconcilers/training_job/desired.h"

namespace ffdl::training_job {
namespace {

bool IsGivenUp(const std::optional<v1::StorageRequest>& storage) {
  return storage && storage->when_finished == v1::Retention::kDelete;
}

// By any reference, because older StatefulSet controllers do not say that they control a claim.
bool IsOwnedBySet(const Pass& pass, const k8s::Claim& claim) {
  return std::ranges::any_of(pass.roles, [&](const v1::RoleView& role) {
    const k8s::StatefulSet* const set = LearnerSet(pass, role);
    return set != nullptr &&
           std::ranges::count(claim.meta.owners, set->meta.uid, &k8s::OwnerReference::uid) > 0;
  });
}

constexpr const char* kWhy = "job finished, and its claims are not kept";

// Those that were made for the learners; a claim without owner was there before the job.
std::size_t DeleteLearnerClaims(Pass& pass) {
  std::size_t count = 0;
  for (const k8s::Claim& claim : pass.observed.learner_claims) {
    if (claim.meta.deletion_time || !IsOwnedBySet(pass, claim)) continue;
    Delete(pass, k8s::kClaimType, claim.meta, kWhy);
    ++count;
  }
  return count;
}

bool DeleteSharedClaim(Pass& pass) {
  const std::optional<k8s::Claim>& claim = pass.observed.shared_claim;
  if (!claim || claim->meta.deletion_time || !IsOurs(pass, claim->meta)) return false;
  Delete(pass, k8s::kClaimType, claim->meta, kWhy);
  return true;
}

void Tell(Pass& pass, std::size_t learners, bool shared) {
  std::string what = shared ? "the shared claim" : "";
  if (learners > 0) {
    what += fmt::format("{}{} claim{} of learners", shared ? " and " : "", learners,
                        learners == 1 ? "" : "s");
  }
  pass.plan.events.push_back(
      {.reason = std::string(v1::reason::kClaimsDeleted),
       .action = std::string(v1::event_action::kDeleteClaims),
       .note =
           fmt::format("deleted as `spec.storage` asks, now that the job has finished: {}", what)});
}

}  // namespace

bool AsksToDeleteLearnerClaims(const v1::TrainingJob& job) {
  return IsFinished(job) && IsGivenUp(job.spec.storage.per_learner);
}

bool HasLeftClaims(const Pass& pass) {
  return std::ranges::any_of(pass.observed.learner_claims, [](const k8s::Claim& claim) {
    return !claim.meta.owners.empty() || claim.meta.deletion_time;
  });
}

void DeleteClaims(Pass& pass) {
  if (!pass.observed.pods.empty()) return;
  const v1::Storage& storage = pass.job.spec.storage;
  const std::size_t learners = IsGivenUp(storage.per_learner) ? DeleteLearnerClaims(pass) : 0;
  const bool shared = IsGivenUp(storage.shared) && DeleteSharedClaim(pass);
  if (learners > 0 || shared) Tell(pass, learners, shared);
}

Next PlanVolumes(Pass& pass) {
  if (pass.job.spec.storage.shared && !pass.observed.shared_claim) {
    Create(pass, k8s::kClaimType, DesiredSharedClaim(pass.job), "shared claim missing");
  }
  return Next::kGoOn;
}

}  // namespace ffdl::training_job
