// Which change asks for a pass of which job.
#pragma once

#include "k8s-client/runtime/context.h"
#include "k8s-client/runtime/controller.h"
#include "operator/controller/caches.h"
#include "operator/controller/training_jobs.h"

namespace ffdl::server {

// From now on each change that a planner reads asks for a pass of its job, in the lane of LaneOf. A
// child of a job that is not there is counted and asks for none: the job asks when it comes. Before
// the caches are started; borrows everything.
void EnqueueChanges(Caches& caches, const TrainingJobs& jobs, k8s::Controller& controller,
                    const k8s::RuntimeContext& context);

}  // namespace ffdl::server
