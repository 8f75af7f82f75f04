// The claims that are made for a job: waited for, made, and given up.
#pragma once

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// Whether claims that have the learners' names belong to an earlier job. A StatefulSet takes claims
// as it finds them: its learners would begin with the data of that job, on claims that go with it.
[[nodiscard]] bool HasLeftClaims(const Pass& pass);

// Whether the claims of the learners must be looked for although their StatefulSets are there.
[[nodiscard]] bool AsksToDeleteLearnerClaims(const v1::TrainingJob& job);

// Of a finished job: the deletion of each claim that spec.storage asks not to keep. Not while a pod
// is left that may still write to it.
void DeleteClaims(Pass& pass);

}  // namespace ffdl::training_job
