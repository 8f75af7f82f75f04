#pragma once

#include <string>

#include "test/simulation/server/object_log.h"

namespace ffdl::simulation {

// The end of a run in words that do not depend on its seed: the jobs' states, conditions and
// counts, and everything that exists for them. With `attempts` also how many attempts it took.
[[nodiscard]] std::string DigestOf(const ObjectLog& log, bool attempts);

}  // namespace ffdl::simulation
