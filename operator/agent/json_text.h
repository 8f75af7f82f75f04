// Text of any origin as the inside of a JSON string.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ffdl::agent {

// Escapes what JSON asks for and puts U+FFFD for each byte that is not part of valid UTF-8.
void AppendJsonText(std::string& out, std::string_view bytes);

// How many bytes AppendJsonText would append; never fewer than bytes.size().
[[nodiscard]] std::size_t JsonTextBytes(std::string_view bytes);

// The longest end of `bytes` that JsonTextBytes() puts at `bytes_max` or less; starts with a
// character.
[[nodiscard]] std::string_view LastJsonText(std::string_view bytes, std::size_t bytes_max);

}  // namespace ffdl::agent
