#pragma once

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// Makes the next status from the pass's report and adds its write and events to the plan, if
// anything a reader can see has changed. A job that is being deleted gets none.
//
// Numbers that move while learners start one after the other wait until they rest for kSettleTime,
// so that a job of any size costs one write per transition and not one per learner.
void PlanStatus(Pass& pass);

}  // namespace ffdl::training_job
