// Short ways to ask JSON for what may not be there.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ffdl::e2e {

using Json = nlohmann::json;

// The value at a JSON pointer such as "/status/state", or null.
[[nodiscard]] Json At(const Json& object, const std::string& pointer);

// The text there; "" when there is none. Numbers are written out.
[[nodiscard]] std::string TextAt(const Json& object, const std::string& pointer);

// The number there; 0 when there is none.
[[nodiscard]] std::int64_t NumberAt(const Json& object, const std::string& pointer);

// status.conditions[type], or null.
[[nodiscard]] Json ConditionOf(const Json& object, std::string_view type);

}  // namespace ffdl::e2e
