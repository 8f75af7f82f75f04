#pragma once

#include <functional>
#include <string_view>

namespace ffdl::k8s {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Where the library's log lines go; the program decides how they look. Any thread may call it; it
// must not block. An empty function is not allowed: use NoLog().
using Log = std::function<void(LogLevel level, std::string_view line)>;

[[nodiscard]] inline Log NoLog() {
  return [](LogLevel, std::string_view) {};
}

}  // namespace ffdl::k8s
