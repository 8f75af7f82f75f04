// How far the learners of a role are, and what its policy makes of that.
#pragma once

#include <cstdint>
#include <optional>

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// The learners of this role that are in this phase.
[[nodiscard]] std::int32_t Count(const Pass& pass, const v1::RoleView& role, LearnerPhase phase);

// Whether it is the first of its role, which decides where the policy is kMaster.
[[nodiscard]] bool IsMaster(const v1::RoleView& role, const Learner& learner);

// Whether the job completes only with this role.
[[nodiscard]] bool IsWaitedFor(const v1::RoleView& role);

// When the last of the learners ended; not set when none has.
[[nodiscard]] std::optional<k8s::Time> LastEnd(const Pass& pass);

}  // namespace ffdl::training_job
