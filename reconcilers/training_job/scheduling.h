// What spec.scheduling means for a pod.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "crds/v1/training_job.h"

namespace ffdl::training_job {

// Adds it to the spec of a pod that holds what the pod template says. Changes nothing for a job
// that has no spec.scheduling.
void SetScheduling(const v1::TrainingJob& job, std::int32_t attempt, nlohmann::json& pod_spec);

}  // namespace ffdl::training_job
