// For the other files of this folder only: what the readers of clusters and of users share.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/auth/yaml_document.h"
#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

// An entry of a kubeconfig together with the file that defines it, at whose directory its paths
// start.
struct KubeconfigEntry {
  YamlMap map;
  std::string path;
};

// Takes values out of results and keeps the first error; what is read after it does not matter any
// more.
class FirstError {
 public:
  template <typename T>
  [[nodiscard]] T Take(Result<T> result) {
    if (result) return std::move(*result);
    if (!error_) error_ = std::move(result.error());
    return T{};
  }
  [[nodiscard]] Result<void> Outcome() const {
    if (error_) return unexpected<Error>(*error_);
    return {};
  }

 private:
  std::optional<Error> error_;
};

// PEM text and where it came from; both "" when the entry has neither.
struct PemText {
  std::string text;
  std::string file;  // absolute or from the working directory; "" when the text stood in the entry
};

[[nodiscard]] std::string PathBeside(const std::string& file, const std::string& path);

// PEM text that is either in the entry as base64 (KEY-data, which counts) or in a file that the
// entry names (KEY).
[[nodiscard]] Result<PemText> ReadPem(const KubeconfigEntry& entry, const char* key);

// Each fills its part of `config`. The user comes second: a plugin may have to know the cluster.
[[nodiscard]] Result<void> ReadCluster(const KubeconfigEntry& entry, ClusterConfig& config);
[[nodiscard]] Result<void> ReadUser(const KubeconfigEntry& entry, const YamlMap& cluster,
                                    ClusterConfig& config);

}  // namespace ffdl::k8s
