#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace ffdl::k8s {

// The same text as value.dump(), for less work: plain text is copied by the run and not by the
// letter. What is no UTF-8 (it can only come from outside, as a log line in a message) is replaced
// by U+FFFD and not thrown at.
[[nodiscard]] std::string JsonText(const nlohmann::json& value);

}  // namespace ffdl::k8s
