#include "k8s-client/auth/kubeconfig_entry.h"

#include <filesystem>

#include "k8s-client/auth/base64.h"
#include "k8s-client/auth/file.h"
#include "k8s-client/auth/server_url.h"
#include "k8s-client/auth/tls_files.h"

namespace ffdl::k8s {
namespace {

Result<PemText> CheckPem(const KubeconfigEntry& entry, const std::string& key, PemText pem) {
  if (pem.text.find("-----BEGIN ") != std::string::npos) return pem;
  return entry.map.Wrong(key, "holds no PEM text");
}

}  // namespace

std::string PathBeside(const std::string& file, const std::string& path) {
  return (std::filesystem::path(file).parent_path() / path).string();
}

Result<PemText> ReadPem(const KubeconfigEntry& entry, const char* key) {
  const std::string data_key = std::string(key) + "-data";
  FirstError first;
  const std::string data = first.Take(entry.map.Text(data_key.c_str()));
  const std::string path = first.Take(entry.map.Text(key));
  if (const Result<void> outcome = first.Outcome(); !outcome)
    return unexpected<Error>(outcome.error());
  if (!data.empty()) {
    std::optional<std::string> decoded = DecodeBase64(data);
    if (!decoded) return entry.map.Wrong(data_key, "is not base64");
    return CheckPem(entry, data_key, {.text = std::move(*decoded)});
  }
  if (path.empty()) return PemText();
  const std::string file = PathBeside(entry.path, path);
  Result<std::string> read = ReadSmallFile(file, kPemBytesMax);
  if (!read) return entry.map.Wrong(key, "cannot be read: " + read.error().message);
  return CheckPem(entry, key, {.text = std::move(*read), .file = file});
}

Result<void> ReadCluster(const KubeconfigEntry& entry, ClusterConfig& config) {
  FirstError first;
  const std::string server = first.Take(entry.map.Text("server"));
  config.tls_server_name = first.Take(entry.map.Text("tls-server-name"));
  config.insecure = first.Take(entry.map.Flag("insecure-skip-tls-verify"));
  PemText ca = first.Take(ReadPem(entry, "certificate-authority"));
  const std::string proxy = first.Take(entry.map.Text("proxy-url"));
  if (Result<void> outcome = first.Outcome(); !outcome) return outcome;
  config.ca_pem = std::move(ca.text);
  config.ca_file = std::move(ca.file);
  if (config.insecure && !config.ca_pem.empty()) {
    return entry.map.Wrong("insecure-skip-tls-verify",
                           "contradicts the certificate authority beside it: remove one of them");
  }
  if (server.empty()) return entry.map.Wrong("server", "is missing");
  Result<ServerUrl> url = ParseServerUrl(server);
  if (!url) return entry.map.Wrong("server", "cannot be used: " + url.error().message);
  config.server = std::move(url->server);
  config.path_prefix = std::move(url->path_prefix);
  if (proxy.empty()) return {};
  Result<std::string> normal = NormalProxyUrl(proxy);
  if (!normal) return entry.map.Wrong("proxy-url", "cannot be used: " + normal.error().message);
  config.proxy_url = std::move(*normal);
  return {};
}

}  // namespace ffdl::k8s
