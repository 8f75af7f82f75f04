#include "test/simulation/faults/injector.h"

#include <algorithm>

namespace ffdl::simulation {

std::optional<FaultKind> Injector::At(Where where, std::string_view who, std::string_view what) {
  const Place place{.where = where, .nth = ++places_[where]};
  const auto it = std::ranges::find(plan_, place, &Fault::place);
  if (it == plan_.end()) return std::nullopt;
  struck_ = clock_.Steady();
  trace_.Line(who, "*** {} ({})", ToString(*it), what);
  return it->kind;
}

}  // namespace ffdl::simulation
