// Which GPUs the learners of a role get: those of the type that the role or the job asks for, as
// the catalogue described it when the job first started.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "crds/v1/roles.h"
#include "crds/v1/training_job.h"
#include "reconcilers/training_job/observed.h"

namespace ffdl::training_job {

// Whether a role asks for a type that status does not describe.
[[nodiscard]] bool NeedsGpuTypes(const v1::TrainingJob& job);

// The extended resource that the role's learners ask for.
[[nodiscard]] std::string GpuResource(const v1::TrainingJob& job, const v1::RoleView& role,
                                      const Settings& settings);

// Has a pod run where GPUs of the role's type are. Labels that the pod's node selector has count
// for more.
void SelectGpuNodes(const v1::TrainingJob& job, const v1::RoleView& role, nlohmann::json& pod_spec);

}  // namespace ffdl::training_job
