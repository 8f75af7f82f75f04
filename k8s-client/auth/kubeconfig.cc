#include "k8s-client/auth/kubeconfig.h"

#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "k8s-client/auth/base64.h"
#include "k8s-client/auth/file.h"
#include "k8s-client/auth/server_url.h"
#include "k8s-client/auth/yaml_document.h"

namespace ffdl::k8s {
namespace {

constexpr std::size_t kPemBytesMax = 1024UL * 1024;

struct File {
  std::string path;
  YamlMap root;
};

// An entry together with the file that defines it, at whose directory its paths start.
struct Entry {
  YamlMap map;
  std::string path;
};

struct Unsupported {
  const char* key;
  std::string_view why;
};

constexpr std::array kUnsupportedOfUsers{
    Unsupported{"exec",
                "needs a credential plugin, which is not supported: use a token, a tokenFile or a "
                "client certificate"},
    Unsupported{"auth-provider",
                "is not supported, nor by Kubernetes any more: use a token, a tokenFile "
                "or a client certificate"},
    Unsupported{"username", "is not supported: API servers know no passwords any more"},
    Unsupported{"password", "is not supported: API servers know no passwords any more"},
    Unsupported{"as", "asks for impersonation, which is not supported"},
    Unsupported{"as-uid", "asks for impersonation, which is not supported"},
    Unsupported{"as-groups", "asks for impersonation, which is not supported"},
    Unsupported{"as-user-extra", "asks for impersonation, which is not supported"},
};
constexpr std::array kUnsupportedOfClusters{
    Unsupported{"proxy-url", "is not supported: the API server must be reachable without a proxy"},
};

template <std::size_t N>
Result<void> RefuseUnsupported(const YamlMap& map, const std::array<Unsupported, N>& keys) {
  for (const Unsupported& unsupported : keys) {
    if (map.Has(unsupported.key)) return map.Wrong(unsupported.key, unsupported.why);
  }
  return {};
}

// Takes values out of results and keeps the first error; what is read after it does not matter any
// more.
class FirstError {
 public:
  template <typename T>
  [[nodiscard]] T Take(Result<T> result) {
    if (result) return std::move(*result);
    Note(std::move(result.error()));
    return T{};
  }
  void Note(Error error) {
    if (!error_) error_ = std::move(error);
  }
  [[nodiscard]] Result<void> Outcome() const {
    if (error_) return unexpected<Error>(*error_);
    return {};
  }

 private:
  std::optional<Error> error_;
};

Result<Entry> Find(const std::vector<File>& files, const char* list, const char* inner,
                   const std::string& name, std::string_view wanted_by) {
  for (const File& file : files) {
    Result<std::optional<YamlMap>> found = file.root.Named(list, name, inner);
    if (!found) return unexpected<Error>(std::move(found.error()));
    if (*found) return Entry{.map = std::move(**found), .path = file.path};
  }
  return Fail(ErrorCode::kInvalid,
              std::string(wanted_by) + ": no entry named \"" + name + "\" in " + list);
}

std::string AbsolutePath(const std::string& path, const std::string& file) {
  return (std::filesystem::path(file).parent_path() / path).string();
}

Result<std::string> CheckPem(const Entry& entry, const std::string& key, std::string pem) {
  if (pem.find("-----BEGIN ") != std::string::npos) return pem;
  return entry.map.Wrong(key, "holds no PEM text");
}

// PEM text that is either in the entry as base64 or in a file that the entry names; "" without
// both.
Result<std::string> Pem(const Entry& entry, const char* key) {
  const std::string data_key = std::string(key) + "-data";
  FirstError first;
  const std::string data = first.Take(entry.map.Text(data_key.c_str()));
  const std::string path = first.Take(entry.map.Text(key));
  if (const Result<void> outcome = first.Outcome(); !outcome)
    return unexpected<Error>(outcome.error());
  if (!data.empty()) {
    std::optional<std::string> decoded = DecodeBase64(data);
    if (!decoded) return entry.map.Wrong(data_key, "is not base64");
    return CheckPem(entry, data_key, std::move(*decoded));
  }
  if (path.empty()) return std::string();
  Result<std::string> read = ReadSmallFile(AbsolutePath(path, entry.path), kPemBytesMax);
  if (!read) return entry.map.Wrong(key, "cannot be read: " + read.error().message);
  return CheckPem(entry, key, std::move(*read));
}

Result<void> ReadCluster(const Entry& entry, ClusterConfig& config) {
  if (Result<void> fine = RefuseUnsupported(entry.map, kUnsupportedOfClusters); !fine) return fine;
  FirstError first;
  const std::string server = first.Take(entry.map.Text("server"));
  config.tls_server_name = first.Take(entry.map.Text("tls-server-name"));
  config.insecure = first.Take(entry.map.Flag("insecure-skip-tls-verify"));
  config.ca_pem = first.Take(Pem(entry, "certificate-authority"));
  if (Result<void> outcome = first.Outcome(); !outcome) return outcome;
  if (config.insecure && !config.ca_pem.empty()) {
    return entry.map.Wrong("insecure-skip-tls-verify",
                           "contradicts the certificate authority beside it: remove one of them");
  }
  if (server.empty()) return entry.map.Wrong("server", "is missing");
  Result<ServerUrl> url = ParseServerUrl(server);
  if (!url) return entry.map.Wrong("server", "cannot be used: " + url.error().message);
  config.server = std::move(url->server);
  config.path_prefix = std::move(url->path_prefix);
  return {};
}

Result<void> ReadUser(const Entry& entry, ClusterConfig& config) {
  if (Result<void> fine = RefuseUnsupported(entry.map, kUnsupportedOfUsers); !fine) return fine;
  FirstError first;
  config.client_certificate_pem = first.Take(Pem(entry, "client-certificate"));
  config.client_key_pem = first.Take(Pem(entry, "client-key"));
  config.token = first.Take(entry.map.Text("token"));
  const std::string token_file = first.Take(entry.map.Text("tokenFile"));
  if (Result<void> outcome = first.Outcome(); !outcome) return outcome;
  if (!token_file.empty()) config.token_file = AbsolutePath(token_file, entry.path);
  if (!config.client_certificate_pem.empty() && config.client_key_pem.empty()) {
    return entry.map.Wrong("client-key", "is missing beside client-certificate");
  }
  if (config.client_certificate_pem.empty() && !config.client_key_pem.empty()) {
    return entry.map.Wrong("client-certificate", "is missing beside client-key");
  }
  return {};
}

struct ChosenContext {
  std::string name;
  std::string by;  // the words that name whoever chose it
};

Result<ChosenContext> ChooseContext(const std::vector<File>& files, const std::string& asked_for) {
  if (!asked_for.empty()) return ChosenContext{.name = asked_for, .by = "the context asked for"};
  for (const File& file : files) {
    Result<std::string> current = file.root.Text("current-context");
    if (!current) return unexpected<Error>(std::move(current.error()));
    if (!current->empty())
      return ChosenContext{.name = *current, .by = file.path + ": current-context"};
  }
  return Fail(ErrorCode::kInvalid,
              files.front().path + ": current-context is missing; name a context");
}

Result<ClusterConfig> ReadContext(const std::vector<File>& files, const Entry& context) {
  FirstError first;
  ClusterConfig config;
  const std::string cluster_name = first.Take(context.map.Text("cluster"));
  const std::string user_name = first.Take(context.map.Text("user"));
  config.ns = first.Take(context.map.Text("namespace"));
  if (config.ns.empty()) config.ns = "default";
  if (const Result<void> outcome = first.Outcome(); !outcome)
    return unexpected<Error>(outcome.error());
  if (cluster_name.empty()) return context.map.Wrong("cluster", "is missing");

  const Result<Entry> cluster =
      Find(files, "clusters", "cluster", cluster_name, context.map.where() + ".cluster");
  if (!cluster) return unexpected<Error>(cluster.error());
  if (Result<void> read = ReadCluster(*cluster, config); !read)
    return unexpected<Error>(read.error());
  if (user_name.empty()) return config;  // kubectl proxy needs none

  const Result<Entry> user = Find(files, "users", "user", user_name, context.map.where() + ".user");
  if (!user) return unexpected<Error>(user.error());
  if (Result<void> read = ReadUser(*user, config); !read) return unexpected<Error>(read.error());
  return config;
}

Result<ClusterConfig> Read(const std::vector<std::string>& paths, const std::string& asked_for) {
  std::vector<File> files;
  for (const std::string& path : paths) {
    Result<YAML::Node> root = ReadYamlFile(path);
    if (!root) return unexpected<Error>(std::move(root.error()));
    files.push_back({.path = path, .root = YamlMap(*root, path + ": ")});
  }
  if (files.empty()) return Fail(ErrorCode::kNotFound, "there is no file");
  const Result<ChosenContext> chosen = ChooseContext(files, asked_for);
  if (!chosen) return unexpected<Error>(chosen.error());
  const Result<Entry> context = Find(files, "contexts", "context", chosen->name, chosen->by);
  if (!context) return unexpected<Error>(context.error());
  Result<ClusterConfig> config = ReadContext(files, *context);
  if (config) config->origin = "context " + chosen->name + " of " + context->path;
  return config;
}

}  // namespace

Result<ClusterConfig> LoadKubeconfig(const std::vector<std::string>& paths,
                                     const std::string& context) {
  Result<ClusterConfig> config = Read(paths, context);
  if (!config) return unexpected<Error>(WithContext("kubeconfig", std::move(config.error())));
  return config;
}

}  // namespace ffdl::k8s
