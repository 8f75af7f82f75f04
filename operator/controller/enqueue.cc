#include "operator/controller/enqueue.h"

#include <string>
#include <type_traits>

#include "operator/controller/lanes.h"

namespace ffdl::server {
namespace {

using k8s::Lane;

void EnqueueJobs(Caches& caches, k8s::Controller& controller) {
  caches.jobs.OnChange([&controller](const auto& before, const auto& after, bool first_fill) {
    const v1::TrainingJob& job = after ? *after : *before;
    controller.Enqueue(
        job.meta.key, LaneOf(Change<v1::TrainingJob>{
                          .before = before.get(), .after = after.get(), .first_fill = first_fill}));
  });
  caches.jobs.store().OnUndecodable([&controller](const k8s::Undecodable& job) {
    controller.Enqueue(job.identity.key, Lane::kChild);
  });
}

template <typename T>
void EnqueueOwners(k8s::Informer<T>& informer, Caches& caches, const TrainingJobs& jobs,
                   k8s::Controller& controller, const k8s::RuntimeContext& context) {
  k8s::Counter& orphans = context.metrics.CounterOf(
      "operator_orphan_changes_total", "Changes of objects whose job is not there.",
      {{"resource", std::string(informer.type().plural)}});
  const auto enqueue = [&caches, &controller, &orphans](const std::optional<k8s::ObjectKey>& job,
                                                        Lane lane) {
    if (job && caches.jobs.store().Contains(*job)) {
      controller.Enqueue(*job, lane);
    } else {
      orphans.Add();
    }
  };
  informer.OnChange([enqueue](const auto& before, const auto& after, bool first_fill) {
    const T& child = after ? *after : *before;
    enqueue(
        JobOf(child.meta),
        LaneOf(Change<T>{.before = before.get(), .after = after.get(), .first_fill = first_fill}));
  });
  informer.store().OnUndecodable([enqueue, &jobs](const k8s::Undecodable& child) {
    enqueue(jobs.JobOfOwner(child.identity), Lane::kChild);
  });
}

}  // namespace

void EnqueueChanges(Caches& caches, const TrainingJobs& jobs, k8s::Controller& controller,
                    const k8s::RuntimeContext& context) {
  caches.ForEach([&](auto& informer) {
    if constexpr (std::is_same_v<std::decay_t<decltype(informer)>,
                                 k8s::Informer<v1::TrainingJob>>) {
      EnqueueJobs(caches, controller);
    } else {
      EnqueueOwners(informer, caches, jobs, controller, context);
    }
  });
  controller.OnRefill([&caches, &controller] {
    for (const k8s::ObjectKey& job : caches.jobs.store().Keys()) {
      controller.Enqueue(job, Lane::kBackground);
    }
  });
}

}  // namespace ffdl::server
