// Learners that were running and whose pods somebody else took away: a drain, a preemption, a node
// that went, a person.
#pragma once

#include <string>
#include <vector>

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// Which pods these learners are, in 16 hexadecimal digits.
[[nodiscard]] std::string PodsDigest(const std::vector<Learner>& learners);

// As failed learners, by id: those that had started and whose pods are going; and once status has
// told that all of them run, those whose pods are gone or are others than then, unless the pods are
// seen as they were before that. A StatefulSet puts a new pod into the place of each, which has not
// trained with the others: an attempt that lost a learner is over.
[[nodiscard]] std::vector<Learner> LostLearners(const Pass& pass);

}  // namespace ffdl::training_job
