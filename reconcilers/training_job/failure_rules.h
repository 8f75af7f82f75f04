// What spec.failurePolicy says of one failure.
#pragma once

#include <string>

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// The first rule that fits this failed or lost learner; null without any.
[[nodiscard]] const v1::FailureRule* FindRule(const Pass& pass, const Learner& failed);

// "`spec.failurePolicy.rules[0]`". The rule must be of the job.
[[nodiscard]] std::string NameOfRule(const Pass& pass, const v1::FailureRule& rule);

// What is to be done, limits apart. Whoever was taken away begins anew and cannot be ignored.
[[nodiscard]] v1::FailureAction ActionAfter(const Pass& pass, const Learner& failed);

}  // namespace ffdl::training_job
