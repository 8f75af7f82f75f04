// What pods say of why they go, or went.
#pragma once

#include <cstdint>
#include <optional>

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// Whether this pod says why it goes.
[[nodiscard]] bool SaysWhy(const k8s::Pod& pod);

// Whether the program of this learner has begun.
[[nodiscard]] bool HasStarted(const k8s::Pod& pod);

// A learner that failed because its pod, null for one that nobody knows, was taken away.
[[nodiscard]] Learner Lost(std::int32_t id, const k8s::Pod* pod, LearnerEnd end);

// The same, by what this pod says, which is going or gone.
[[nodiscard]] Learner LostWith(const k8s::Pod& pod, std::int32_t id);

// The learner whose pod of this attempt is gone, if the pod had started and said why it went, and
// if that is not counted yet.
[[nodiscard]] std::optional<Learner> Departed(const Pass& pass, std::int32_t id);

}  // namespace ffdl::training_job
