#include "operator/controller/training_jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crds/v1/names.h"
#include "reconcilers/training_job/claims.h"
#include "reconcilers/training_job/image.h"
#include "reconcilers/training_job/plan.h"

namespace ffdl::server {
namespace {

template <typename T>
std::optional<T> Take(std::unique_ptr<T> object) {
  return object ? std::optional<T>(std::move(*object)) : std::nullopt;
}

k8s::ObjectKey SetKey(const k8s::ObjectKey& job, const v1::RoleView& role) {
  return {.ns = job.ns, .name = v1::RoleSetName(job.name, role.name)};
}

}  // namespace

std::optional<k8s::ObjectKey> JobOf(const k8s::ObjectMeta& child) {
  const std::string_view job = k8s::ValueOr(child.labels, v1::kJobLabel);
  if (job.empty()) return std::nullopt;
  return k8s::ObjectKey{.ns = child.key.ns, .name = std::string(job)};
}

k8s::Result<k8s::Plan> TrainingJobs::Plan(const k8s::ObjectKey& key, k8s::Time now) {
  const std::unique_ptr<v1::TrainingJob> job = caches_.jobs.store().Get(key);
  if (const std::string trouble = Unreadable(key, job.get()); !trouble.empty()) {
    return k8s::Fail(k8s::ErrorCode::kBadResponse, "cannot be read: " + trouble);
  }
  if (!job) {
    refusals_.Forget(key);
    return k8s::Plan{};
  }
  training_job::Observed observed = Observe(*job);
  const auto refusal = refusals_.Standing(key, job->meta.generation, now);
  if (refusal) observed.refusal = refusal->error;
  k8s::Plan plan = training_job::Decide(*job, observed, settings_, now);
  if (refusal) {
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(refusal->again_at - now);
    plan.look_again_after = std::min(plan.look_again_after.value_or(wait), wait);
  }
  return plan;
}

std::string TrainingJobs::Unreadable(const k8s::ObjectKey& key, const v1::TrainingJob* job) const {
  const k8s::ObjectKey service{.ns = key.ns, .name = v1::LearnersName(key.name)};
  const k8s::ObjectKey claim{.ns = key.ns, .name = v1::SharedClaimName(key.name)};
  std::vector<std::pair<std::string_view, k8s::Undecodable>> found;
  const auto look = [&](const auto& informer, const k8s::ObjectKey& of) {
    if (auto one = informer.store().UndecodableAt(of)) {
      found.emplace_back(informer.type().kind, std::move(*one));
    }
  };
  look(caches_.jobs, key);
  look(caches_.services, service);
  look(caches_.claims, claim);
  const k8s::ObjectKey guard{.ns = key.ns, .name = v1::GuardName(key.name)};
  look(caches_.network_policies, guard);
  look(caches_.disruption_budgets, guard);
  if (job != nullptr) {
    for (const v1::RoleView& role : v1::Roles(job->spec)) {
      look(caches_.learner_sets, SetKey(key, role));
    }
  }
  for (auto& pod : caches_.pods.store().AllUndecodable()) {
    if (JobOfOwner(pod.identity) == key) found.emplace_back(k8s::kPodType.kind, std::move(pod));
  }
  if (found.empty()) return {};
  const auto& [kind, object] = found.front();
  return fmt::format("{} {}: {}", kind, ToString(object.identity.key), object.error);
}

std::optional<k8s::ObjectKey> TrainingJobs::JobOfOwner(const k8s::ObjectMeta& child) const {
  const k8s::OwnerReference* const owner = k8s::ControllerOf(child);
  if (owner == nullptr) return std::nullopt;
  const k8s::ObjectKey key{.ns = child.key.ns, .name = owner->name};
  if (owner->kind == v1::kTrainingJobType.kind) return key;
  const auto set = caches_.learner_sets.store().Get(key);
  if (!set || set->meta.uid != owner->uid) return std::nullopt;
  return JobOfOwner(set->meta);
}

std::optional<k8s::ObjectReference> TrainingJobs::Describe(const k8s::ObjectKey& key) const {
  std::optional<std::string> uid = caches_.jobs.store().UidAt(key);
  if (!uid) return std::nullopt;
  return k8s::ObjectReference{.api_version = std::string(v1::kApiVersion),
                              .kind = std::string(v1::kTrainingJobType.kind),
                              .key = key,
                              .uid = *std::move(uid)};
}

training_job::Observed TrainingJobs::Observe(const v1::TrainingJob& job) {
  const k8s::ObjectKey service{.ns = job.meta.key.ns, .name = v1::LearnersName(job.meta.key.name)};
  const k8s::ObjectKey claim{.ns = job.meta.key.ns, .name = v1::SharedClaimName(job.meta.key.name)};
  training_job::Observed observed{
      .service = Take(caches_.services.store().Get(service)),
      .shared_claim = Take(caches_.claims.store().Get(claim)),
  };
  ObserveGuards(job, observed);
  if (training_job::NeedsCatalogue(job)) observed.catalogue = catalogue_.Current();
  if (v1::HasLauncher(job.spec.framework)) observed.new_key = new_key_();
  ObserveLearners(job, observed);
  return observed;
}

// Most jobs have never had a guard, and most clusters have none.
void TrainingJobs::ObserveGuards(const v1::TrainingJob& job,
                                 training_job::Observed& observed) const {
  const auto look = [&](const auto& informer) -> std::optional<k8s::Policy> {
    if (informer.store().size() == 0) return std::nullopt;
    return Take(
        informer.store().Get({.ns = job.meta.key.ns, .name = v1::GuardName(job.meta.key.name)}));
  };
  observed.network_policy = look(caches_.network_policies);
  observed.disruption_budget = look(caches_.disruption_budgets);
}

// The pods of all roles are one look: status tells the version at which all learners ran.
void TrainingJobs::ObserveLearners(const v1::TrainingJob& job,
                                   training_job::Observed& observed) const {
  std::array<std::string_view, v1::kRolesMax> owners;
  std::size_t count = 0;
  const bool gives_up_claims = training_job::AsksToDeleteLearnerClaims(job);
  for (const v1::RoleView& role : v1::Roles(job.spec)) {
    auto& set = observed.learner_sets[role.index];
    set = Take(caches_.learner_sets.store().Get(SetKey(job.meta.key, role)));
    if (set) {
      owners[count++] = set->meta.uid;
      if (gives_up_claims) AddClaimsOfSet(*set, observed);
    } else if (job.spec.storage.per_learner) {
      AddWaitingClaims(job, role, observed);
    }
  }
  auto pods = caches_.pods.store().ByOwners({owners.data(), count});
  for (auto& pod : pods.objects) observed.pods.push_back(std::move(*pod));
  observed.pods_version = std::move(pods.resource_version);
  ObserveDeparted({owners.data(), count}, observed);
}

// After the pods: what is not among them any more has said by now why, if it has at all.
void TrainingJobs::ObserveDeparted(std::span<const std::string_view> owner_uids,
                                   training_job::Observed& observed) const {
  observed.departed = last_words_.Of(owner_uids);
  std::erase_if(observed.departed, [&](const k8s::Pod& pod) {
    return std::ranges::any_of(
        observed.pods, [&](const k8s::Pod& present) { return present.meta.uid == pod.meta.uid; });
  });
}

// Of a role without a StatefulSet: what its learners would begin with.
void TrainingJobs::AddWaitingClaims(const v1::TrainingJob& job, const v1::RoleView& role,
                                    training_job::Observed& observed) const {
  const k8s::ObjectKey set = SetKey(job.meta.key, role);
  for (int ordinal = 0; ordinal < role.replicas; ++ordinal) {
    auto claim = caches_.claims.store().Get(
        {.ns = set.ns, .name = v1::LearnerClaimName(fmt::format("{}-{}", set.name, ordinal))});
    if (claim) observed.learner_claims.push_back(*std::move(claim));
  }
}

// Of a role with one: all that its learners have had, of whom there may have been more once.
void TrainingJobs::AddClaimsOfSet(const k8s::StatefulSet& set,
                                  training_job::Observed& observed) const {
  auto claims = caches_.claims.store().ByNamePrefix(
      {.ns = set.meta.key.ns, .name = v1::LearnerClaimName(set.meta.key.name + "-")});
  for (auto& claim : claims) observed.learner_claims.push_back(*std::move(claim));
}

std::vector<k8s::ObjectKey> TrainingJobs::WaitingForCatalogue() const {
  std::vector<k8s::ObjectKey> waiting;
  caches_.jobs.store().ForEach([&](const v1::TrainingJob& job) {
    if (!job.spec.suspend && training_job::NeedsCatalogue(job)) waiting.push_back(job.meta.key);
  });
  return waiting;
}

void TrainingJobs::OnRefused(const k8s::ObjectKey& key, const k8s::Error& error, k8s::Time now) {
  const std::unique_ptr<v1::TrainingJob> job = caches_.jobs.store().Get(key);
  if (job) refusals_.Add(key, job->meta.generation, error, now);
}

}  // namespace ffdl::server
