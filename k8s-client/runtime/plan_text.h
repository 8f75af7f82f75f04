// Plans as people read them, in logs and errors and on the debug pages.
#pragma once

#include <string>

#include "k8s-client/meta/plan.h"
#include "k8s-client/meta/resource_type.h"

namespace ffdl::k8s {

// "create StatefulSet ml/bert-learner"
[[nodiscard]] std::string Describe(const Action& action);

// "create Service ml/bert (service missing); status (LearnersStarting); events: 1"
[[nodiscard]] std::string Describe(const Plan& plan);

// "apps/v1/statefulsets"
[[nodiscard]] std::string GvrText(const ResourceType& type);

}  // namespace ffdl::k8s
