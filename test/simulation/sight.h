#pragma once

#include "test/simulation/server/kinds.h"

namespace ffdl::simulation {

// What a user sees of the job before the next step is taken.
enum class Sight { kNothing, kProcessing, kAllRun, kHalted, kCompleted, kRefused, kGone };

// Whether the job, null when there is none, is such a sight.
[[nodiscard]] bool Shows(const Json& job, Sight sight);

}  // namespace ffdl::simulation
