// Learners that run and stand still (spec.progress).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "crds/v1/training_job.h"
#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// Flags of ffdl-launch that say what it has to watch.
[[nodiscard]] std::vector<std::string> ProgressFlags(const v1::TrainingJob& job);

// The readiness probe by which the kubelet tells that a learner hangs. Only with spec.progress.
[[nodiscard]] nlohmann::json ProgressProbe(const v1::Progress& progress);

// One sentence about the learners that hang; "" when none does. Has the job looked at again when
// one may turn out to.
[[nodiscard]] std::string DescribeHang(Pass& pass);

}  // namespace ffdl::training_job
