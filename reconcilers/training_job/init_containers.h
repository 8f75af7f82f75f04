// What our own containers do in a learner's pod before its program starts.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "crds/v1/training_job.h"
#include "reconcilers/training_job/observed.h"

namespace ffdl::training_job {

// A list of core/v1 Containers, in the order in which they run: `setup` puts ffdl-launch in place
// and copies code that the kubelet can mount; `fetch`, where code is in an object store, brings it.
[[nodiscard]] nlohmann::json InitContainers(const v1::TrainingJob& job, const Settings& settings);

// The volume that they take the code from, or who asks for it; nothing where there is none, or the
// volume of the results has it.
[[nodiscard]] std::optional<nlohmann::json> CodeVolume(const v1::TrainingJob& job);

}  // namespace ffdl::training_job
