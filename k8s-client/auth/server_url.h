#pragma once

#include <string>
#include <string_view>

#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

struct ServerUrl {
  std::string server;       // "https://host:port", as ClusterConfig wants it
  std::string path_prefix;  // "" or "/..." without "/" at its end
};

// Splits the `server` of a kubeconfig. Without a scheme it is https, as for kubectl. Refused: other
// schemes, user names, queries and fragments, and no host at all.
[[nodiscard]] Result<ServerUrl> ParseServerUrl(std::string_view text);

}  // namespace ffdl::k8s
