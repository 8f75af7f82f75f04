// A second opinion on JSON, from the DOM of nlohmann-json.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace ffdl::fuzz {

// The document, if it is valid JSON in which no object has a key twice: what two keys of one name
// mean is nowhere defined, and parsers differ.
[[nodiscard]] std::optional<nlohmann::json> StrictJson(std::string_view text);

// The text at a JSON pointer, "" when there is none.
[[nodiscard]] std::string TextAt(const nlohmann::json& document, const char* pointer);
[[nodiscard]] std::int64_t NumberAt(const nlohmann::json& document, const char* pointer);

}  // namespace ffdl::fuzz
