// For the other files of this folder only: wraps yaml-cpp, whose exceptions end here.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

inline constexpr std::size_t kYamlBytesMax = 1024UL * 1024;
inline constexpr int kYamlDepthMax = 32;
inline constexpr int kYamlNodesMax = 50'000;  // counted after aliases are followed

// A YAML file of ours to read: small, not deep, one document. A missing file is kNotFound.
[[nodiscard]] Result<YAML::Node> ReadYamlFile(const std::string& path);

// One map of such a file, with the words that name it in errors: FILE:LINE: users[ada].key. A map
// that is not there reads as an empty one.
class YamlMap {  // NOLINT(bugprone-exception-escape): assigning yaml-cpp's nodes may throw
 public:
  YamlMap(const YAML::Node& node, std::string file) : YamlMap(node, std::move(file), "") {}

  // "" when the key is not there, or null. Anything but a scalar is an error.
  [[nodiscard]] Result<std::string> Text(const char* key) const;
  // Only `true` and `false`, without quotes: what else YAML 1.1 takes for a truth, Kubernetes does
  // not.
  [[nodiscard]] Result<bool> Flag(const char* key) const;
  [[nodiscard]] bool Has(const char* key) const;
  [[nodiscard]] Result<YamlMap> Map(const char* key) const;
  // A list of scalars, a list of maps; empty when the key is not there.
  [[nodiscard]] Result<std::vector<std::string>> Texts(const char* key) const;
  [[nodiscard]] Result<std::vector<YamlMap>> Maps(const char* key) const;
  [[nodiscard]] std::vector<std::string> Keys() const;
  // The map below `inner` of the element of list `list` whose `name` is `name`; empty when there is
  // none. Two elements of that name are an error.
  [[nodiscard]] Result<std::optional<YamlMap>> Named(const char* list, const std::string& name,
                                                     const char* inner) const;
  // What is below `key`, whatever it is, as JSON; null when it is not there.
  [[nodiscard]] nlohmann::json Json(const char* key) const;

  // An error about `key` of this map.
  [[nodiscard]] unexpected<Error> Wrong(std::string_view key, std::string_view why) const;
  // "FILE:LINE: users[ada].key"; the line of the map when the key is not there.
  [[nodiscard]] std::string Place(std::string_view key) const;

 private:
  YamlMap(const YAML::Node& node, std::string file, std::string path)
      : node_(node), file_(std::move(file)), path_(std::move(path)) {}
  [[nodiscard]] YAML::Node At(const std::string& key) const;
  [[nodiscard]] std::string PathOf(std::string_view key) const;

  YAML::Node node_;
  std::string file_;
  std::string path_;  // "" for the whole document
};

}  // namespace ffdl::k8s
