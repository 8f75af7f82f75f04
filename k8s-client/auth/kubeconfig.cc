#include "k8s-client/auth/kubeconfig.h"

#include <optional>
#include <string_view>
#include <utility>

#include "k8s-client/auth/kubeconfig_entry.h"

namespace ffdl::k8s {
namespace {

struct File {
  std::string path;
  YamlMap root;
};

Result<KubeconfigEntry> Find(const std::vector<File>& files, const char* list, const char* inner,
                             const std::string& name, std::string_view wanted_by) {
  for (const File& file : files) {
    Result<std::optional<YamlMap>> found = file.root.Named(list, name, inner);
    if (!found) return unexpected<Error>(std::move(found.error()));
    if (*found) return KubeconfigEntry{.map = std::move(**found), .path = file.path};
  }
  return Fail(ErrorCode::kInvalid,
              std::string(wanted_by) + ": no entry named \"" + name + "\" in " + list);
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
      return ChosenContext{.name = *current, .by = file.root.Place("current-context")};
  }
  return Fail(ErrorCode::kInvalid,
              files.front().path + ": current-context is missing; name a context");
}

Result<ClusterConfig> ReadContext(const std::vector<File>& files, const KubeconfigEntry& context) {
  FirstError first;
  ClusterConfig config;
  const std::string cluster_name = first.Take(context.map.Text("cluster"));
  const std::string user_name = first.Take(context.map.Text("user"));
  config.ns = first.Take(context.map.Text("namespace"));
  if (config.ns.empty()) config.ns = "default";
  if (const Result<void> outcome = first.Outcome(); !outcome)
    return unexpected<Error>(outcome.error());
  if (cluster_name.empty()) return context.map.Wrong("cluster", "is missing");

  const Result<KubeconfigEntry> cluster =
      Find(files, "clusters", "cluster", cluster_name, context.map.Place("cluster"));
  if (!cluster) return unexpected<Error>(cluster.error());
  if (Result<void> read = ReadCluster(*cluster, config); !read)
    return unexpected<Error>(read.error());
  if (user_name.empty()) return config;  // kubectl proxy needs none

  const Result<KubeconfigEntry> user =
      Find(files, "users", "user", user_name, context.map.Place("user"));
  if (!user) return unexpected<Error>(user.error());
  if (Result<void> read = ReadUser(*user, cluster->map, config); !read)
    return unexpected<Error>(read.error());
  return config;
}

Result<ClusterConfig> Read(const std::vector<std::string>& paths, const std::string& asked_for) {
  std::vector<File> files;
  for (const std::string& path : paths) {
    Result<YAML::Node> root = ReadYamlFile(path);
    if (!root) return unexpected<Error>(std::move(root.error()));
    files.push_back({.path = path, .root = YamlMap(*root, path)});
  }
  if (files.empty()) return Fail(ErrorCode::kNotFound, "there is no file");
  const Result<ChosenContext> chosen = ChooseContext(files, asked_for);
  if (!chosen) return unexpected<Error>(chosen.error());
  const Result<KubeconfigEntry> context =
      Find(files, "contexts", "context", chosen->name, chosen->by);
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
