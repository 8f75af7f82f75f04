#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s-client/meta/result.h"

namespace ffdl::server {

// What the flags of ffdl-operator say; --help lists them.
struct Options {
  std::string kubeconfig;  // "" looks where kubectl looks, and in the pod
  std::string context;
  std::string watch_namespace;  // "" for all
  std::string http_address = ":8080";
  std::string debug_address;             // "" for no debug pages
  std::string otlp_endpoint;             // of a collector of traces; "" for none
  std::string credential_plugins = "*";  // see PluginsOf
  std::string agent_image;
  std::string agent_pull_policy = "IfNotPresent";
  std::string gpu_resource = "nvidia.com/gpu";
  std::chrono::seconds lost_node_patience{60};
  std::string frameworks = "ffdl-frameworks";  // a ConfigMap beside the lease; "" for none
  bool leader_elect = true;
  std::string lease_namespace;  // "" for the namespace that we run in
  std::string lease_name = "ffdl-operator";
  std::chrono::seconds lease_duration{15};
  std::chrono::seconds renew_deadline{10};
  std::chrono::seconds retry_period{2};
  std::string log_level = "info";
  int workers = 2;
};

// The programs that --credential_plugins names, for k8s::ConfigSources; nullopt for "*".
[[nodiscard]] std::optional<std::vector<std::string>> PluginsOf(std::string_view flag);

// Says in one sentence which flag is wrong and what it must be.
[[nodiscard]] k8s::Result<void> Check(const Options& options);

}  // namespace ffdl::server
