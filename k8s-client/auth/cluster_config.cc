#include "k8s-client/auth/cluster_config.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "k8s-client/auth/in_cluster.h"
#include "k8s-client/auth/kubeconfig.h"

namespace ffdl::k8s {
namespace {

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): see the header
  return value == nullptr ? "" : value;
}

bool Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

// Of two spellings of a name the first that is there.
std::string Variable(const char* name, const char* other_name) {
  const std::string value = Variable(name);
  return value.empty() ? Variable(other_name) : value;
}

// The files of a ":" list that are there, each once.
std::vector<std::string> ExistingOf(std::string_view list) {
  std::vector<std::string> paths;
  while (!list.empty()) {
    const std::string path(list.substr(0, list.find(':')));
    list.remove_prefix(std::min(list.size(), path.size() + 1));
    if (path.empty() || std::ranges::find(paths, path) != paths.end() || !Exists(path)) continue;
    paths.push_back(path);
  }
  return paths;
}

bool MayRun(const ConfigSources& sources, const ExecPlugin& plugin) {
  return !sources.plugins ||
         std::ranges::find(*sources.plugins, plugin.command) != sources.plugins->end();
}

Result<ClusterConfig> LoadFirst(const ConfigSources& sources) {
  if (!sources.kubeconfig.empty()) return LoadKubeconfig({sources.kubeconfig}, sources.context);
  if (!sources.kubeconfig_list.empty()) {
    const std::vector<std::string> paths = ExistingOf(sources.kubeconfig_list);
    if (paths.empty()) {
      return Fail(ErrorCode::kNotFound,
                  "KUBECONFIG names only files that are not there: " + sources.kubeconfig_list);
    }
    return LoadKubeconfig(paths, sources.context);
  }
  if (IsInCluster(sources)) return LoadInCluster(sources);
  const std::string home_file = sources.home + "/.kube/config";
  if (!sources.home.empty() && Exists(home_file))
    return LoadKubeconfig({home_file}, sources.context);
  return Fail(ErrorCode::kNotFound,
              "no cluster is configured: name a kubeconfig, set KUBECONFIG, or run in a pod with a "
              "service account");
}

}  // namespace

ConfigSources SourcesFromEnvironment() {
  return {.kubeconfig_list = Variable("KUBECONFIG"),
          .service_host = Variable("KUBERNETES_SERVICE_HOST"),
          .service_port = Variable("KUBERNETES_SERVICE_PORT"),
          .home = Variable("HOME"),
          .proxy = {.https_proxy = Variable("HTTPS_PROXY", "https_proxy"),
                    .http_proxy = Variable("HTTP_PROXY", "http_proxy"),
                    .no_proxy = Variable("NO_PROXY", "no_proxy")},
          .http1_only = !Variable("DISABLE_HTTP2").empty()};
}

Result<ClusterConfig> LoadClusterConfig(const ConfigSources& sources) {
  Result<ClusterConfig> config = LoadFirst(sources);
  if (!config) return config;
  if (config->exec && !MayRun(sources, *config->exec)) {
    return Fail(ErrorCode::kForbidden, config->origin + ": exec.command: " + config->exec->command +
                                           " is none of the credential plugins that may be run");
  }
  config->http1_only = sources.http1_only;
  if (!config->proxy_url.empty()) return config;  // what the kubeconfig says counts
  Result<std::string> proxy = ProxyFor(config->server, sources.proxy);
  if (!proxy) return unexpected<Error>(std::move(proxy.error()));
  config->proxy_url = std::move(*proxy);
  return config;
}

}  // namespace ffdl::k8s
