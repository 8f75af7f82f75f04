// What the initial lists take a client that looks at none of it: the share of a start that is not
// the operator's.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace ffdl::benchmarks {

// The time until the initial events of all these watches have come, one connection each, at once
// (libcurl; the bytes are dropped). Throws std::runtime_error with libcurl's words.
[[nodiscard]] std::chrono::duration<double, std::milli> TimeOfLists(
    const std::string& url, const std::string& authority_pem,
    const std::vector<std::string>& plurals);

}  // namespace ffdl::benchmarks
