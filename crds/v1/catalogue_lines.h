// Entries of the catalogue that have several lines, and the words that those are made of.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "k8s-client/meta/result.h"

namespace ffdl::v1 {

// Hands over each line that is neither blank nor begins with '#', without the white space around
// it. What `take` has against a line, as the rest of a sentence, ends it: "line 2 of 'ENTRY' ...".
[[nodiscard]] k8s::Result<void> ForEachLine(
    std::string_view entry, std::string_view text,
    const std::function<std::optional<std::string>(std::string_view line)>& take);

// "a-b.C_2": letters and digits, with '-', '_' and '.' between; at most 63.
[[nodiscard]] bool IsPlainName(std::string_view name);
// A plain name that may follow the name of a domain and a '/'.
[[nodiscard]] bool IsQualifiedName(std::string_view name);
// Of a label or a taint; "" is one.
[[nodiscard]] bool IsLabelValue(std::string_view value);

}  // namespace ffdl::v1
