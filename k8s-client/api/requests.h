// For the other files of this folder only: what requests of several verbs have in common.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "k8s-client/api/client.h"
#include "k8s-client/net/transport.h"

namespace ffdl::k8s {

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kMergePatchType = "application/merge-patch+json";

[[nodiscard]] HttpRequest WithBody(std::string_view method, std::string path,
                                   std::string_view content_type, const nlohmann::json& body,
                                   Repeat repeat);

// meta/v1 DeleteOptions without apiVersion and kind.
[[nodiscard]] nlohmann::json DeleteBody(const Preconditions& expected,
                                        const DeleteOptions& options);

// `path` with the parameters of `query`, each of which has "&" in front.
[[nodiscard]] std::string WithQuery(std::string path, std::string query);

}  // namespace ffdl::k8s
