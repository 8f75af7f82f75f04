// Pods of a node that does not answer: it cannot say that they have ended, so that they stay, and
// with them the names that their successors need.
#pragma once

#include <optional>

#include "reconcilers/training_job/pass.h"
#include "reconcilers/training_job/waiting.h"

namespace ffdl::training_job {

// What only a person can free, because the node may still write to a claim of the job.
[[nodiscard]] std::optional<Obstacle> FindFencedPod(const Pass& pass);

}  // namespace ffdl::training_job
