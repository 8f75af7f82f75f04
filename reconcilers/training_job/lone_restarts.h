// Learners that start again alone, in the same attempt, while the others run on (decision 19).
//
// That a failure was counted is written to status, with the uid of the pod that failed, before the
// pod is deleted; its StatefulSet then puts another into its place.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// Whether that may happen in this job, by its policy as it is or as it was earlier in the attempt.
[[nodiscard]] bool HasLoneRestarts(const v1::TrainingJob& job);

// Sees the learners of such a job in the light of its status: a pod whose failure was counted is a
// learner that starts again, and one that has succeeded stays so without its pod.
void RecallLearners(Pass& pass);

// A pod whose failure is counted there is a learner that starts.
void SeeAsStarting(Pass& pass, const v1::TrainingJobStatus& counted);

// Whether the failure of this pod is counted in status.
[[nodiscard]] bool IsCounted(const v1::TrainingJobStatus& status, const k8s::Pod& pod);

// Ends the restarts of learners of which another pod has started, and of those that nobody asks for
// any more.
void NoteStarted(Pass& pass);

// Whether so many more learners may start again alone at the same time; always true for none.
[[nodiscard]] bool HasRoomFor(const Pass& pass, std::size_t failures);

// Decides that this learner starts again alone, which its budget must allow. Returns how long that
// has to wait.
std::chrono::seconds CountRestart(Pass& pass, const Learner& failed, const v1::Failure& failure);

// One sentence about the learners that are starting again; "" when none is.
[[nodiscard]] std::string DescribeRestarting(const Pass& pass);

// Of an attempt that is over nobody starts again.
void ForgetRestarting(v1::TrainingJobStatus& status);

}  // namespace ffdl::training_job
