// Learners that were running and whose pods somebody else took away: a drain, a preemption, a node
// that went, a person.
#pragma once

#include <string>
#include <vector>

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// Which pods these learners are, all of which have one, in 16 hexadecimal digits.
[[nodiscard]] std::string PodsDigest(const std::vector<Learner>& learners);

// As failed learners, by id: those that had started and whose pods are going; and once status has
// told that all of them run, those whose pods are gone or are others than then, unless the pods are
// seen as they were before that. A StatefulSet puts a new pod into the place of each, which has not
// trained with the others: an attempt that lost a learner is over.
// Where a learner may start again alone, each is told as soon as it has started, and every one that
// is lost is found; those whose failure was counted or that have succeeded are none.
[[nodiscard]] std::vector<Learner> LostLearners(const Pass& pass);

// Tells which pods the learners are, so that LostLearners of later passes has what to compare with.
void TellPods(const Pass& pass, v1::LearnersStatus& status);

}  // namespace ffdl::training_job
