// Jobs of many learners in trouble, and the worst that can be said of one.
#pragma once

#include "crds/v1/training_job.h"
#include "reconcilers/training_job/observed.h"

namespace ffdl::benchmarks {

// The children of a job of which no learner finds room.
[[nodiscard]] training_job::Observed WaitingChildren(const v1::TrainingJob& job);

// A job whose status holds as much of earlier attempts as it can, and which may not restart.
[[nodiscard]] v1::TrainingJob WeatheredJob(int learners);
// Its children: each second learner has failed with much to say, the others find no room.
[[nodiscard]] training_job::Observed FailingChildren(const v1::TrainingJob& job);

}  // namespace ffdl::benchmarks
