// The objects that exist for one job: functions from a value to a value.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "crds/v1/roles.h"
#include "crds/v1/training_job.h"
#include "reconcilers/training_job/observed.h"

namespace ffdl::training_job {

// The labels by which the job's Service finds its learners.
[[nodiscard]] k8s::Labels ServiceSelector(const v1::TrainingJob& job);

// Headless, so that each learner has a host name of its own, and published before readiness,
// because learners look for each other while they start.
[[nodiscard]] nlohmann::json DesiredService(const v1::TrainingJob& job);

// To be called only when spec.storage.shared is set.
[[nodiscard]] nlohmann::json DesiredSharedClaim(const v1::TrainingJob& job);

// To be called only when spec.networkPolicy is set. Learners of the job reach each other always.
[[nodiscard]] nlohmann::json DesiredNetworkPolicy(const v1::TrainingJob& job);

// To be called only when spec.disruptionBudget is set.
[[nodiscard]] nlohmann::json DesiredDisruptionBudget(const v1::TrainingJob& job);

// The StatefulSet of a role: Parallel, because learners wait for each other, and OnDelete, because
// a change must never restart a running learner by itself.
[[nodiscard]] nlohmann::json DesiredLearners(const v1::TrainingJob& job, const v1::RoleView& role,
                                             const Settings& settings, std::int32_t attempt,
                                             std::int32_t replicas);

// metadata of a child of `job`, owner reference included.
[[nodiscard]] nlohmann::json ChildMetadata(const v1::TrainingJob& job, const std::string& name);

}  // namespace ffdl::training_job
