#pragma once

#include <cstddef>
#include <string>

#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

// The bytes of a small file. A file of more than `bytes_max` bytes is an error (kInvalid), and so
// is one that is not there (kNotFound) or cannot be read (kUnavailable). Errors name the path.
[[nodiscard]] Result<std::string> ReadSmallFile(const std::string& path, std::size_t bytes_max);

}  // namespace ffdl::k8s
