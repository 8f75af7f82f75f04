#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "k8s-client/meta/time.h"
#include "test/simulation/faults/fault.h"
#include "test/simulation/trace.h"

namespace ffdl::simulation {

// Counts the places that a run comes by, and says where the plan wants a fault.
class Injector {
 public:
  // Borrows the clock and the trace.
  Injector(FaultPlan plan, const k8s::Clock& clock, Trace& trace)
      : plan_(std::move(plan)), clock_(clock), trace_(trace) {}

  // The run comes by a place now; `what` is for the trace.
  [[nodiscard]] std::optional<FaultKind> At(Where where, std::string_view who,
                                            std::string_view what);

  // How often the run came by each kind of place.
  [[nodiscard]] const std::map<Where, int>& places() const { return places_; }
  // When the last fault struck.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> last_struck() const { return struck_; }

 private:
  const FaultPlan plan_;
  const k8s::Clock& clock_;
  Trace& trace_;
  std::map<Where, int> places_;
  std::optional<std::chrono::nanoseconds> struck_;
};

}  // namespace ffdl::simulation
