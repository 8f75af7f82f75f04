// Decides what one pass over a TrainingJob does. Pure: no I/O, no clock, no memory between passes.
//
// Decisions that must not be lost (a new attempt, the end of the job) are written to status first
// and carried out by the next pass, which finds them there; everything else is done first and told
// after. So an operator that dies between any two writes leaves a state from which the next one
// goes on.
#pragma once

#include "crds/v1/training_job.h"
#include "k8s-client/meta/plan.h"
#include "k8s-client/meta/time.h"
#include "reconcilers/training_job/observed.h"

namespace ffdl::training_job {

// `job` is the cached object, `observed` its children. The plan is empty when nothing is to be
// done.
[[nodiscard]] k8s::Plan Decide(const v1::TrainingJob& job, const Observed& observed,
                               const Settings& settings, k8s::Time now);

}  // namespace ffdl::training_job
