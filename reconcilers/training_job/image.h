// Which image the learners of a role run: the role's or the job's own, or what the catalogue said
// when the job first started.
#pragma once

#include <string>

#include "crds/v1/roles.h"
#include "crds/v1/training_job.h"

namespace ffdl::training_job {

// Whether the catalogue has to be asked before learners can run.
[[nodiscard]] bool NeedsCatalogue(const v1::TrainingJob& job);

// Never empty, because the API server refuses that also for learners that are being stopped.
[[nodiscard]] std::string ImageOf(const v1::TrainingJob& job, const v1::RoleView& role);

}  // namespace ffdl::training_job
