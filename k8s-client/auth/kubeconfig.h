#pragma once

#include <string>
#include <vector>

#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

// Reads kubeconfig files as kubectl does: of each cluster, user and context the first file that
// defines it counts, whole; of current-context the first that is not empty. Relative paths in a
// file start at its directory; `*-data` beats the file of the same name. Everything the
// configuration names is read now, except the token file. Unknown keys are ignored.
//
// Of several ways to log in the first of these counts: token or tokenFile (of both, the file as
// soon as it can be read), username with password, exec; a client certificate goes along with any.
// Refused with a sentence: auth-provider, which Kubernetes has dropped.
//
// Errors name file, line and key, never a value that may be secret. `context` is "" for the current
// one.
[[nodiscard]] Result<ClusterConfig> LoadKubeconfig(const std::vector<std::string>& paths,
                                                   const std::string& context);

}  // namespace ffdl::k8s
