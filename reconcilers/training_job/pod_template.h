// The pod of a learner: the user's podTemplate, completed by what the operator needs.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "crds/v1/roles.h"
#include "crds/v1/training_job.h"
#include "reconcilers/training_job/observed.h"

namespace ffdl::training_job {

// core/v1 PodTemplateSpec. What the user wrote stays unless the operator has to decide it: the
// learner container's command, environment, mounts and resources, the pod's labels that select it,
// and its service-account token, which nothing in the pod needs.
[[nodiscard]] nlohmann::json LearnerPodTemplate(const v1::TrainingJob& job,
                                                const v1::RoleView& role, const Settings& settings,
                                                std::int32_t attempt);

}  // namespace ffdl::training_job
