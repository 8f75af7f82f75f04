// Which image the learners of a role run: the role's or the job's own, or what the catalogue said
// when the job first started; and what goes with that.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "crds/v1/roles.h"
#include "crds/v1/training_job.h"

namespace ffdl::training_job {

// Whether the catalogue has to be asked before learners can run, for an image or a type of GPUs.
[[nodiscard]] bool NeedsCatalogue(const v1::TrainingJob& job);

// Never empty, because the API server refuses that also for learners that are being stopped.
[[nodiscard]] std::string ImageOf(const v1::TrainingJob& job, const v1::RoleView& role);

// What the catalogue has for the environment of learners that run its image, as core/v1 EnvVar
// objects; whatever else sets one of these names counts for more.
[[nodiscard]] nlohmann::json CatalogueVariablesOf(const v1::TrainingJob& job,
                                                  const v1::RoleView& role);

}  // namespace ffdl::training_job
