#pragma once

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// After all phases, because what they report tells whether time is running: ends a job that has
// been active or pending for too long, instead of all that the phases planned. What must be undone
// is found by the next pass.
void JudgeDeadlines(Pass& pass);

}  // namespace ffdl::training_job
