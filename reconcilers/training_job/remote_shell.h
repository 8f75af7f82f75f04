// How the launcher of an MPI job reaches its learners: what their pods need for it, and the key by
// which they know each other. operator/agent/remote has the other half.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "crds/v1/roles.h"
#include "crds/v1/training_job.h"
#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// A role of this name starts processes in the others and runs none itself.
inline constexpr std::string_view kLauncherRole = "launcher";

inline constexpr const char* kKeyVolume = "ffdl-key";
inline constexpr std::string_view kKeyMount = "/ffdl-key";
inline constexpr std::size_t kJobKeyBytes = 64;

// Flags of ffdl-launch; none for a job without a launcher, which needs none of the other things
// here either.
[[nodiscard]] std::vector<std::string> RemoteShellFlags(const v1::TrainingJob& job);

// The volume of the job's key.
[[nodiscard]] nlohmann::json KeyVolume(const v1::TrainingJob& job);

// The Secret with the job's key. Immutable: learners that read it at different times must have the
// same.
[[nodiscard]] nlohmann::json DesiredKey(const v1::TrainingJob& job, const std::string& key);

// Adds the creation of the key, once a pass: before the learners of an attempt, which would wait
// for it. It is never looked at, so it is made again with every attempt, and mostly is there.
void CreateKey(Pass& pass);

}  // namespace ffdl::training_job
