// Who of thousands does what, in a few lines: what status tells of the learners one by one.
#pragma once

#include <span>
#include <vector>

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// Sets phases and details of the next status within their limits; its roles are there already.
void SummarizeLearners(Pass& pass, std::span<const Learner> learners);

}  // namespace ffdl::training_job
