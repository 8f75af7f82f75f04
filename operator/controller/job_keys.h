#pragma once

#include <functional>
#include <string>

namespace ffdl::server {

// Gives another secret of 64 hexadecimal digits with each call. Any thread.
using NewKey = std::function<std::string()>;

// From the kernel's random numbers; ends the process if it has none, since a key that somebody
// could guess is worse than no operator.
[[nodiscard]] std::string SystemKey();

}  // namespace ffdl::server
