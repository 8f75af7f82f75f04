#pragma once

#include <compare>
#include <string_view>

namespace ffdl::k8s {

// Compares two resource versions of one type. They are decimal numbers without leading zeros and
// without limit (Kubernetes 1.35 made the order official). "" is before every other; anything else
// that is no such number cannot be compared.
[[nodiscard]] std::partial_ordering CompareResourceVersions(std::string_view a, std::string_view b);

}  // namespace ffdl::k8s
