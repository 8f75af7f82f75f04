// What the controller of TrainingJobs asks: which job a change concerns, what the caches show of
// it, and what is to be done.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crds/v1/roles.h"
#include "k8s-client/meta/plan.h"
#include "k8s-client/runtime/object_reference.h"
#include "operator/controller/caches.h"
#include "operator/controller/catalogue.h"
#include "operator/controller/job_keys.h"
#include "operator/controller/last_words.h"
#include "operator/controller/refusals.h"
#include "reconcilers/training_job/observed.h"

namespace ffdl::server {

// Thread-safe. Holds nothing that the cluster does not show, but for the server's last refusals,
// which a new process gets again by trying, and what pods said before they went.
class TrainingJobs {
 public:
  // Borrows the first two.
  TrainingJobs(const Caches& caches, const Catalogue& catalogue, training_job::Settings settings,
               NewKey new_key = SystemKey)
      : caches_(caches),
        catalogue_(catalogue),
        settings_(std::move(settings)),
        new_key_(std::move(new_key)) {}

  // The controller's plan function: empty for a job that is gone, an error for one that cannot be
  // read, or whose objects cannot.
  [[nodiscard]] k8s::Result<k8s::Plan> Plan(const k8s::ObjectKey& key, k8s::Time now);

  // The job that an object belongs to by its owners: for one of which nothing else can be read.
  [[nodiscard]] std::optional<k8s::ObjectKey> JobOfOwner(const k8s::ObjectMeta& child) const;

  // The controller's describe function.
  [[nodiscard]] std::optional<k8s::ObjectReference> Describe(const k8s::ObjectKey& key) const;

  // The jobs that wait for another catalogue.
  [[nodiscard]] std::vector<k8s::ObjectKey> WaitingForCatalogue() const;

  // To be told of each change of a pod that is there, before a pass is asked for it.
  void OnPodChange(const k8s::Pod& pod, k8s::Time now) { last_words_.OnChange(pod, now); }

  // A write for the job failed in a way that only a person can mend. The next pass reports it, and
  // none writes objects until the job is to be tried again (Refusals).
  void OnRefused(const k8s::ObjectKey& key, const k8s::Error& error, k8s::Time now);

 private:
  // "Pod ml/bert-learner-0: status.phase: not a string"; "" when all can be read.
  // `job` is null when it is not there; what is known of it tells its roles.
  [[nodiscard]] std::string Unreadable(const k8s::ObjectKey& key, const v1::TrainingJob* job) const;
  [[nodiscard]] training_job::Observed Observe(const v1::TrainingJob& job);
  void ObserveGuards(const v1::TrainingJob& job, training_job::Observed& observed) const;
  void ObserveDeparted(std::span<const std::string_view> owner_uids,
                       training_job::Observed& observed) const;
  void ObserveLearners(const v1::TrainingJob& job, training_job::Observed& observed) const;
  void AddClaimsOfSet(const k8s::StatefulSet& set, training_job::Observed& observed) const;
  void AddWaitingClaims(const v1::TrainingJob& job, const v1::RoleView& role,
                        training_job::Observed& observed) const;

  const Caches& caches_;
  const Catalogue& catalogue_;
  const training_job::Settings settings_;
  const NewKey new_key_;
  Refusals refusals_;
  LastWords last_words_;
};

// The job that a child belongs to, by its label; nothing for an object without one.
[[nodiscard]] std::optional<k8s::ObjectKey> JobOf(const k8s::ObjectMeta& child);

}  // namespace ffdl::server
