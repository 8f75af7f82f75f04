#pragma once

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// Whether a guard that the job asks for has the name of one that is not the job's.
[[nodiscard]] bool HasForeignGuard(const Pass& pass);

}  // namespace ffdl::training_job
