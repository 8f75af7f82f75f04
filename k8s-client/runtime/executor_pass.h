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
  // One past the last of the deletes that begin with the next write; `next` where there is none.
  [[nodiscard]] std::size_t deletes_end() const {
    std::size_t end = next;
    while (end < plan.actions.size() && plan.actions[end].verb == Action::Verb::kDelete) ++end;
    return end;
  }
  [[nodiscard]] Action& action() {
    return next < plan.actions.size() ? plan.actions[next] : *plan.status;
  }
};

}  // namespace ffdl::k8s
