#pragma once

#include <string>
#include <vector>

#include "test/scenarios/world.h"

namespace ffdl::scenario {

// The step "expect WHAT ...": what does not hold is reported as a GoogleTest failure.
void Expect(const std::vector<std::string>& words, const World& world);

}  // namespace ffdl::scenario
