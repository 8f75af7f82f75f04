#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ffdl::object_store {

// What an object store says when it refuses: <Error><Code>..</Code><Message>..</Message></Error>.
struct ErrorAnswer {
  std::string code;
  std::string message;
  std::string region;  // of the bucket; "" if not told
};

// Nothing when `body` is something else, the page of a proxy say.
[[nodiscard]] std::optional<ErrorAnswer> ReadErrorAnswer(std::string_view body);

// Text of any origin as a part of one line of ours: what does not print is a blank, and what is
// beyond 300 bytes is left out.
[[nodiscard]] std::string Quoted(std::string_view text);

}  // namespace ffdl::object_store
