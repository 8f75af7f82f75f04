#pragma once

#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

// Whether a pod's environment says where the API server is.
[[nodiscard]] bool IsInCluster(const ConfigSources& sources);

// What the kubelet gives every pod: address from the environment; certificate authority, token and
// namespace from the mounted service account. kNotFound when we do not run in a pod.
[[nodiscard]] Result<ClusterConfig> LoadInCluster(const ConfigSources& sources);

}  // namespace ffdl::k8s
