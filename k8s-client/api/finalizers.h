#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "k8s-client/api/client.h"

namespace ffdl::k8s {

// The operations of a JSON patch that adds or removes one finalizer of an object of which
// `expected` and the list `finalizers` were seen; an empty array when there is nothing to do. They
// test what they rely on, so that a patch made from an old view is refused instead of removing
// somebody else's. `expected` must name uid and resource version to add the first of a list: JSON
// patch cannot test that a list is absent.
[[nodiscard]] nlohmann::json AddFinalizer(const Preconditions& expected,
                                          std::span<const std::string> finalizers,
                                          std::string_view finalizer);
[[nodiscard]] nlohmann::json RemoveFinalizer(const Preconditions& expected,
                                             std::span<const std::string> finalizers,
                                             std::string_view finalizer);

}  // namespace ffdl::k8s
