// Jobs whose program goes on when learners come and go (decision 23).
#pragma once

#include <cstdint>
#include <string>

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// Whether so many learners are running that the job is; an elastic job needs fewer than all.
[[nodiscard]] bool IsEnough(const Pass& pass, std::int32_t running);

// Those that run or have succeeded, the lost ones apart.
[[nodiscard]] std::int32_t CountWorking(const Pass& pass);

// "2 of 4 learners are running, at least 1 must".
[[nodiscard]] std::string DescribeSome(const Pass& pass, std::int32_t running);

// Whether the others go on without this learner until another pod is in its place. Learner 1 is
// where all meet, so nobody goes on without it.
[[nodiscard]] bool GoesOnWithout(const Pass& pass, const Learner& failed);

// Whether the StatefulSet of a role, which has other learners than the role asks for, gets them
// now.
[[nodiscard]] bool MayScale(const Pass& pass, const v1::RoleView& role,
                            const k8s::StatefulSet& set);

// The job as it was when the attempt of this StatefulSet began: all pods of an attempt have the
// same template, however many learners it has in the course of time.
[[nodiscard]] v1::TrainingJob AsItBegan(const v1::TrainingJob& job, const k8s::StatefulSet& set);

}  // namespace ffdl::training_job
