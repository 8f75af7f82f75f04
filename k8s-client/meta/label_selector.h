#pragma once

#include <string_view>

#include "k8s-client/meta/object_meta.h"

namespace ffdl::k8s {

// Whether an object with these labels is selected: by every one of the selector's requirements,
// which commas separate: `key`, `!key`, `key=value`, `key==value`, `key!=value`. "" selects
// everything. Sets (`key in (a,b)`) are not understood and select nothing.
[[nodiscard]] bool Selects(std::string_view selector, const Labels& labels);

}  // namespace ffdl::k8s
