#pragma once

#include <string_view>

#include "k8s-client/runtime/log.h"

namespace ffdl::server {

// Logs go to standard error, one line each: time, level, text. `level` is one that Check accepted.
void SetUpLog(std::string_view level);

// Thread-safe.
void Write(k8s::LogLevel level, std::string_view line);

}  // namespace ffdl::server
