// Directories and environment of a learner: FfDL's contract (its learner container, "Environment of
// the learner"), and its framework's variables beside it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "crds/v1/roles.h"
#include "crds/v1/training_job.h"

namespace ffdl::training_job {

inline constexpr std::string_view kJobStateDir = "/job";
inline constexpr std::string_view kModelDir = "/job/model-code";
inline constexpr std::string_view kDataDir = "/job/data";
inline constexpr std::string_view kLogDir = "/job/logs";
inline constexpr std::string_view kResultsMount = "/mnt/results";
inline constexpr std::string_view kStorageDir = "/mnt/storage";

// Where the learner's results go: below the claim when the job names one, else beside its state.
[[nodiscard]] std::string ResultDir(const v1::TrainingJob& job);

// The variables of the user, those of the role instead of the job's of the same names, with the
// operator's own after them, as core/v1 EnvVar objects. LEARNER_ID differs from learner to learner
// and PYTHONPATH needs the image's value: ffdl-launch sets those.
[[nodiscard]] nlohmann::json LearnerEnvironment(const v1::TrainingJob& job,
                                                const v1::RoleView& role);

}  // namespace ffdl::training_job
