// Errors of the programs in learner pods: a sentence that names the path and the cause.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace ffdl::agent {

struct Error {
  std::string message;  // "create /job/logs: Read-only file system"
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> Fail(std::string message) {
  return tl::unexpected<Error>(Error{.message = std::move(message)});
}

// "<what> <path>: <text of the errno value>".
[[nodiscard]] tl::unexpected<Error> FailWith(std::string_view what, const std::string& path,
                                             int error);

}  // namespace ffdl::agent
