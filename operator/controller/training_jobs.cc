#include "operator/controller/training_jobs.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crds/v1/names.h"
#include "reconcilers/training_job/image.h"
#include "reconcilers/training_job/plan.h"

namespace ffdl::server {
namespace {

template <typename T>
std::optional<T> Take(std::unique_ptr<T> object) {
  return object ? std::optional<T>(std::move(*object)) : std::nullopt;
}

}  // namespace

std::optional<k8s::ObjectKey> JobOf(const k8s::ObjectMeta& child) {
  const std::string_view job = k8s::ValueOr(child.labels, v1::kJobLabel);
  if (job.empty()) return std::nullopt;
  return k8s::ObjectKey{.ns = child.key.ns, .name = std::string(job)};
}

k8s::Result<k8s::Plan> TrainingJobs::Plan(const k8s::ObjectKey& key, k8s::Time now) {
  if (const std::string trouble = Unreadable(key); !trouble.empty()) {
    return k8s::Fail(k8s::ErrorCode::kBadResponse, "cannot be read: " + trouble);
  }
  const std::unique_ptr<v1::TrainingJob> job = caches_.jobs.store().Get(key);
  if (!job) {
    const std::scoped_lock lock(mutex_);
    refusals_.erase(key);
    return k8s::Plan{};
  }
  const training_job::Observed observed = Observe(*job, now);
  k8s::Plan plan = training_job::Decide(*job, observed, settings_, now);
  if (observed.refusal && !plan.look_again_after) plan.look_again_after = kRefusalAgeMax;
  return plan;
}

std::string TrainingJobs::Unreadable(const k8s::ObjectKey& job) const {
  const k8s::ObjectKey learners{.ns = job.ns, .name = v1::LearnersName(job.name)};
  const k8s::ObjectKey claim{.ns = job.ns, .name = v1::SharedClaimName(job.name)};
  std::vector<std::pair<std::string_view, k8s::Undecodable>> found;
  const auto look = [&](const auto& informer, const k8s::ObjectKey& key) {
    if (auto one = informer.store().UndecodableAt(key)) {
      found.emplace_back(informer.type().kind, std::move(*one));
    }
  };
  look(caches_.jobs, job);
  look(caches_.services, learners);
  look(caches_.claims, claim);
  look(caches_.learner_sets, learners);
  for (auto& pod : caches_.pods.store().AllUndecodable()) {
    if (JobOfOwner(pod.identity) == job) found.emplace_back(k8s::kPodType.kind, std::move(pod));
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

training_job::Observed TrainingJobs::Observe(const v1::TrainingJob& job, k8s::Time now) {
  const k8s::ObjectKey learners{.ns = job.meta.key.ns, .name = v1::LearnersName(job.meta.key.name)};
  const k8s::ObjectKey claim{.ns = job.meta.key.ns, .name = v1::SharedClaimName(job.meta.key.name)};
  training_job::Observed observed{
      .service = Take(caches_.services.store().Get(learners)),
      .shared_claim = Take(caches_.claims.store().Get(claim)),
      .learners = Take(caches_.learner_sets.store().Get(learners)),
      .refusal = RefusalOf(job, now),
  };
  if (training_job::NeedsCatalogue(job)) observed.catalogue = catalogue_.Current();
  if (observed.learners) {
    auto pods = caches_.pods.store().ByOwner(observed.learners->meta.uid);
    for (auto& pod : pods.objects) observed.pods.push_back(std::move(*pod));
    observed.pods_version = std::move(pods.resource_version);
  } else {
    observed.pods_version = caches_.pods.store().resource_version();
  }
  if (!observed.learners && job.spec.storage.per_learner) {
    observed.learner_claims = LearnerClaims(job);
  }
  return observed;
}

std::vector<k8s::Claim> TrainingJobs::LearnerClaims(const v1::TrainingJob& job) const {
  std::vector<k8s::Claim> claims;
  for (int learner = 1; learner <= job.spec.learners; ++learner) {
    const auto claim = caches_.claims.store().Get(
        {.ns = job.meta.key.ns, .name = v1::LearnerClaimName(job.meta.key.name, learner)});
    if (claim) claims.push_back(*claim);
  }
  return claims;
}

std::optional<k8s::Error> TrainingJobs::RefusalOf(const v1::TrainingJob& job, k8s::Time now) {
  const std::scoped_lock lock(mutex_);
  const auto it = refusals_.find(job.meta.key);
  if (it == refusals_.end()) return std::nullopt;
  if (it->second.generation != job.meta.generation || now - it->second.time >= kRefusalAgeMax) {
    refusals_.erase(it);
    return std::nullopt;
  }
  return it->second.error;
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
  if (!job) return;
  const std::scoped_lock lock(mutex_);
  if (refusals_.size() >= kRefusalsMax && !refusals_.contains(key))
    refusals_.erase(refusals_.begin());
  refusals_[key] = {.error = error, .generation = job->meta.generation, .time = now};
}

}  // namespace ffdl::server
