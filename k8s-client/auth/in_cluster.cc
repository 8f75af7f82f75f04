#include "k8s-client/auth/in_cluster.h"

#include <utility>

#include "k8s-client/auth/file.h"
#include "k8s-client/auth/tls_files.h"
#include "k8s-client/auth/token_source.h"

namespace ffdl::k8s {
namespace {

constexpr std::size_t kNamespaceBytesMax = 253;

std::string Bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

bool IsInCluster(const ConfigSources& sources) {
  return !sources.service_host.empty() && !sources.service_port.empty();
}

Result<ClusterConfig> LoadInCluster(const ConfigSources& sources) {
  if (!IsInCluster(sources)) {
    return Fail(
        ErrorCode::kNotFound,
        "not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
  }
  ClusterConfig config;
  config.server = "https://" + Bracketed(sources.service_host) + ":" + sources.service_port;
  config.origin = "in-cluster";
  config.token_file = sources.service_account + "/token";
  config.ca_file = sources.service_account + "/ca.crt";
  Result<std::string> ca = ReadSmallFile(config.ca_file, kPemBytesMax);
  if (!ca) return unexpected<Error>(WithContext("in-cluster configuration", std::move(ca.error())));
  config.ca_pem = std::move(*ca);
  // Read here only to say at the start what would otherwise be a 401 later.
  const Result<std::string> token = ReadSmallFile(config.token_file, kTokenBytesMax);
  if (!token) return unexpected<Error>(WithContext("in-cluster configuration", token.error()));
  Result<std::string> ns =
      ReadSmallFile(sources.service_account + "/namespace", kNamespaceBytesMax);
  config.ns = ns && !ns->empty() ? std::move(*ns) : "default";
  return config;
}

}  // namespace ffdl::k8s
