// For the other files of this folder only: wraps yaml-cpp, whose exceptions end here.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

inline constexpr std::size_t kYamlBytesMax = 1024UL * 1024;
inline constexpr int kYamlDepthMax = 32;
inline constexpr int kYamlNodesMax = 50'000;  // counted after aliases are followed

// A YAML file of ours to read: small, not deep, one document. A missing file is kNotFound.
[[nodiscard]] Result<YAML::Node> ReadYamlFile(const std::string& path);

// One map of such a file, with the words that name it in errors: `where` is "FILE: users[ada]". A
// map that is not there reads as an empty one.
class YamlMap {
 public:
  YamlMap(const YAML::Node& node, std::string where) : node_(node), where_(std::move(where)) {}

  // "" when the key is not there, or null. Anything but a scalar is an error.
  [[nodiscard]] Result<std::string> Text(const char* key) const;
  // Only `true` and `false`, without quotes: what else YAML 1.1 takes for a truth, Kubernetes does
  // not.
  [[nodiscard]] Result<bool> Flag(const char* key) const;
  [[nodiscard]] bool Has(const char* key) const;
  [[nodiscard]] Result<YamlMap> Map(const char* key) const;
  // The map below `inner` of the element of list `list` whose `name` is `name`; empty when there is
  // none. Two elements of that name are an error.
  [[nodiscard]] Result<std::optional<YamlMap>> Named(const char* list, const std::string& name,
                                                     const char* inner) const;

  // An error about `key` of this map.
  [[nodiscard]] unexpected<Error> Wrong(std::string_view key, std::string_view why) const;
  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  [[nodiscard]] YAML::Node At(const char* key) const;

  YAML::Node node_;
  std::string where_;
};

}  // namespace ffdl::k8s
