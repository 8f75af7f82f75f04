#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

struct Obstacle {
  std::string_view reason;  // v1::reason::k...
  std::string message;      // what is missing, and what a person can do
};

// Why learners do not run although they should: the first obstacle of the learner with the lowest
// id, in the words of the cluster with names and numbers. Nothing while they are merely starting.
[[nodiscard]] std::optional<Obstacle> FindObstacle(const Pass& pass);

// The same of one learner that does not run.
[[nodiscard]] std::optional<Obstacle> ObstacleOf(const Pass& pass, const Learner& learner);

// Whether learners are bringing their code from an object store.
[[nodiscard]] bool IsDownloading(const Pass& pass);

// Takes out of a pod what no planner looks at while a learner merely starts, so that such pods are
// equal: Decide says the same of the pod before and after.
void ForgetOrdinaryStart(k8s::Pod& pod);

}  // namespace ffdl::training_job
