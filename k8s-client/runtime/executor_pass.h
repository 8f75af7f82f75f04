// Private to the executor.
#pragma once

#include <cstddef>
#include <optional>

#include "k8s-client/runtime/executor.h"

namespace ffdl::k8s {

// A plan under way. Writes are numbered through: actions first, then the status.
struct Executor::Pass {
  ObjectKey key;
  std::optional<ObjectReference> regarding;
  Plan plan;
  Done done;
  std::size_t next = 0;

  [[nodiscard]] std::size_t writes() const { return plan.actions.size() + (plan.status ? 1 : 0); }
  [[nodiscard]] Action& action() {
    return next < plan.actions.size() ? plan.actions[next] : *plan.status;
  }
};

}  // namespace ffdl::k8s
