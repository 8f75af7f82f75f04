// ReadUser: the ways to log in that a kubeconfig knows.
#include <algorithm>
#include <array>
#include <string_view>

#include "k8s-client/auth/base64.h"
#include "k8s-client/auth/kubeconfig_entry.h"

namespace ffdl::k8s {
namespace {

constexpr const char* kExecExtension = "client.authentication.k8s.io/exec";

// A text that becomes a part of a header line must not end it.
bool FitsIntoHeader(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

Result<void> ReadCertificate(const KubeconfigEntry& entry, ClusterConfig& config) {
  FirstError first;
  PemText certificate = first.Take(ReadPem(entry, "client-certificate"));
  PemText key = first.Take(ReadPem(entry, "client-key"));
  if (Result<void> outcome = first.Outcome(); !outcome) return outcome;
  if (!certificate.text.empty() && key.text.empty()) {
    return entry.map.Wrong("client-key", "is missing beside client-certificate");
  }
  if (certificate.text.empty() && !key.text.empty()) {
    return entry.map.Wrong("client-certificate", "is missing beside client-key");
  }
  config.client_certificate_pem = std::move(certificate.text);
  config.client_certificate_file = std::move(certificate.file);
  config.client_key_pem = std::move(key.text);
  config.client_key_file = std::move(key.file);
  return {};
}

Result<void> ReadTokenOrPassword(const KubeconfigEntry& entry, ClusterConfig& config) {
  FirstError first;
  config.token = first.Take(entry.map.Text("token"));
  const std::string token_file = first.Take(entry.map.Text("tokenFile"));
  config.username = first.Take(entry.map.Text("username"));
  config.password = first.Take(entry.map.Text("password"));
  if (Result<void> outcome = first.Outcome(); !outcome) return outcome;
  if (!token_file.empty()) config.token_file = PathBeside(entry.path, token_file);
  const bool has_token = !config.token.empty() || !config.token_file.empty();
  if (!FitsIntoHeader(config.token)) {
    return entry.map.Wrong("token", "must not have control characters");
  }
  if (!config.username.empty() && has_token) {
    return entry.map.Wrong("username", "contradicts the token beside it: remove one of them");
  }
  if (config.username.empty() && !config.password.empty()) {
    return entry.map.Wrong("username", "is missing beside password");
  }
  if (config.username.find(':') != std::string::npos) {
    return entry.map.Wrong("username", "must not have a colon");
  }
  return {};
}

Result<void> ReadImpersonation(const YamlMap& user, Impersonation& as) {
  FirstError first;
  as.user = first.Take(user.Text("as"));
  as.uid = first.Take(user.Text("as-uid"));
  as.groups = first.Take(user.Texts("as-groups"));
  const Result<YamlMap> extra = user.Map("as-user-extra");
  if (!extra) return unexpected<Error>(extra.error());
  for (const std::string& key : extra->Keys()) {
    as.extra[key] = first.Take(extra->Texts(key.c_str()));
  }
  if (Result<void> outcome = first.Outcome(); !outcome) return outcome;
  if (as.user.empty() && (!as.uid.empty() || !as.groups.empty() || !as.extra.empty())) {
    return user.Wrong("as", "is missing beside as-uid, as-groups or as-user-extra");
  }
  bool fits = FitsIntoHeader(as.user) && FitsIntoHeader(as.uid) &&
              std::ranges::all_of(as.groups, &FitsIntoHeader);
  for (const auto& [key, values] : as.extra)
    fits = fits && std::ranges::all_of(values, &FitsIntoHeader);
  if (!fits) return user.Wrong("as", "and its like must not have control characters");
  return {};
}

Result<Interactive> ReadInteractive(const YamlMap& exec, const std::string& api_version) {
  const Result<std::string> mode = exec.Text("interactiveMode");
  if (!mode) return unexpected<Error>(mode.error());
  if (*mode == "Never") return Interactive::kNever;
  if (*mode == "IfAvailable") return Interactive::kIfAvailable;
  if (*mode == "Always") return Interactive::kAlways;
  if (mode->empty() && api_version.ends_with("/v1beta1")) return Interactive::kIfAvailable;
  return exec.Wrong("interactiveMode", "must be Never, IfAvailable or Always");
}

// What a plugin with provideClusterInfo is told of the cluster.
std::string ClusterInfo(const YamlMap& cluster, const ClusterConfig& config) {
  nlohmann::json info{{"server", config.server + config.path_prefix}};
  if (!config.tls_server_name.empty()) info["tls-server-name"] = config.tls_server_name;
  if (config.insecure) info["insecure-skip-tls-verify"] = true;
  if (!config.ca_pem.empty()) info["certificate-authority-data"] = EncodeBase64(config.ca_pem);
  if (!config.proxy_url.empty()) info["proxy-url"] = config.proxy_url;
  for (const YamlMap& extension : cluster.Maps("extensions").value_or(std::vector<YamlMap>())) {
    if (extension.Text("name").value_or("") != kExecExtension) continue;
    if (extension.Has("extension")) info["config"] = extension.Json("extension");
  }
  return info.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<void> ReadExec(const KubeconfigEntry& entry, const YamlMap& cluster, ClusterConfig& config) {
  if (!entry.map.Has("exec")) return {};
  const Result<YamlMap> exec = entry.map.Map("exec");
  if (!exec) return unexpected<Error>(exec.error());
  FirstError first;
  ExecPlugin plugin;
  plugin.api_version = first.Take(exec->Text("apiVersion"));
  plugin.command = first.Take(exec->Text("command"));
  plugin.args = first.Take(exec->Texts("args"));
  plugin.install_hint = first.Take(exec->Text("installHint"));
  const bool tell = first.Take(exec->Flag("provideClusterInfo"));
  for (const YamlMap& variable : first.Take(exec->Maps("env"))) {
    plugin.env.emplace_back(first.Take(variable.Text("name")), first.Take(variable.Text("value")));
  }
  if (Result<void> outcome = first.Outcome(); !outcome) return outcome;
  if (plugin.command.empty()) return exec->Wrong("command", "is missing");
  if (!IsKnownExecApi(plugin.api_version)) {
    return exec->Wrong("apiVersion",
                       "must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/"
                       "v1beta1");
  }
  const Result<Interactive> interactive = ReadInteractive(*exec, plugin.api_version);
  if (!interactive) return unexpected<Error>(interactive.error());
  plugin.interactive = *interactive;
  if (plugin.command.find('/') != std::string::npos) {
    plugin.command = PathBeside(entry.path, plugin.command);
  }
  if (tell) plugin.cluster_info = ClusterInfo(cluster, config);
  config.exec = std::move(plugin);
  return {};
}

}  // namespace

Result<void> ReadUser(const KubeconfigEntry& entry, const YamlMap& cluster, ClusterConfig& config) {
  if (entry.map.Has("auth-provider")) {
    return entry.map.Wrong("auth-provider",
                           "is not supported, nor by Kubernetes any more: use exec, a token, a "
                           "tokenFile or a client certificate");
  }
  if (Result<void> read = ReadCertificate(entry, config); !read) return read;
  if (Result<void> read = ReadTokenOrPassword(entry, config); !read) return read;
  if (Result<void> read = ReadImpersonation(entry.map, config.impersonation); !read) return read;
  return ReadExec(entry, cluster, config);
}

}  // namespace ffdl::k8s
