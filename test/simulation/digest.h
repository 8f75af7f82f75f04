#pragma once

#include <string>

#include "test/simulation/server/object_log.h"

namespace ffdl::simulation {

// See test/support/digest.h.
[[nodiscard]] std::string DigestOf(const ObjectLog& log, bool attempts);

}  // namespace ffdl::simulation
