#include "k8s-client/auth/yaml_document.h"

#include <utility>

#include "k8s-client/auth/file.h"

namespace ffdl::k8s {
namespace {

// Walks the tree as its readers see it, so that an alias counts each time it is followed and one
// that leads back to itself is too deep.
bool IsSmall(const YAML::Node& node, int depth, int& nodes_left) {
  if (depth > kYamlDepthMax || --nodes_left < 0) return false;
  if (node.IsSequence()) {
    for (const auto& element : node) {
      if (!IsSmall(element, depth + 1, nodes_left)) return false;
    }
  }
  if (node.IsMap()) {
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return false;  // nothing we read has such keys
      if (!IsSmall(entry.second, depth + 1, nodes_left)) return false;
    }
  }
  return true;
}

}  // namespace

Result<YAML::Node> ReadYamlFile(const std::string& path) {
  const Result<std::string> text = ReadSmallFile(path, kYamlBytesMax);
  if (!text) return unexpected<Error>(text.error());
  try {
    YAML::Node root = YAML::Load(*text);
    int nodes_left = kYamlNodesMax;
    if (!IsSmall(root, 0, nodes_left)) {
      return Fail(ErrorCode::kInvalid,
                  path + ": too deep, too many entries, or keys that are no text");
    }
    if (!root.IsMap() && !root.IsNull()) return Fail(ErrorCode::kInvalid, path + ": is no map");
    return root;
  } catch (const YAML::Exception& failure) {
    // The place, but not the text there: it may be a secret.
    return Fail(ErrorCode::kInvalid,
                path + ": no valid YAML at line " + std::to_string(failure.mark.line + 1));
  }
}

YAML::Node YamlMap::At(const char* key) const {
  const YAML::Node& map = node_;  // reading through a const node never creates entries
  if (!map.IsMap()) return {};
  const YAML::Node found = map[key];
  return found.IsDefined() ? found : YAML::Node();
}

bool YamlMap::Has(const char* key) const { return !At(key).IsNull(); }

Result<std::string> YamlMap::Text(const char* key) const {
  const YAML::Node found = At(key);
  if (found.IsNull()) return std::string();
  if (!found.IsScalar()) return Wrong(key, "must be text");
  return found.Scalar();
}

Result<bool> YamlMap::Flag(const char* key) const {
  const YAML::Node found = At(key);
  if (found.IsNull()) return false;
  constexpr std::string_view kQuoted = "!";  // yaml-cpp's tag of a scalar in quotes
  const bool plain = found.IsScalar() && found.Tag() != kQuoted;
  if (plain && found.Scalar() == "true") return true;
  if (plain && found.Scalar() == "false") return false;
  return Wrong(key, "must be true or false");
}

Result<YamlMap> YamlMap::Map(const char* key) const {
  const YAML::Node found = At(key);
  if (!found.IsNull() && !found.IsMap()) return Wrong(key, "must be a map");
  return YamlMap(found, where_ + "." + key);
}

Result<std::optional<YamlMap>> YamlMap::Named(const char* list, const std::string& name,
                                              const char* inner) const {
  const YAML::Node elements = At(list);
  if (!elements.IsNull() && !elements.IsSequence()) return Wrong(list, "must be a list");
  std::optional<YamlMap> found;
  for (const auto& element : elements) {
    const YamlMap map(element, where_ + list + "[" + name + "]");
    const Result<std::string> called = map.Text("name");
    if (!called || *called != name) continue;
    if (found) return Wrong(list, "has two entries named \"" + name + "\"");
    Result<YamlMap> value = map.Map(inner);
    if (!value) return unexpected<Error>(std::move(value.error()));
    found.emplace(value->node_, map.where_);
  }
  return found;
}

unexpected<Error> YamlMap::Wrong(std::string_view key, std::string_view why) const {
  const std::string dot = where_.ends_with(": ") ? "" : ".";
  return Fail(ErrorCode::kInvalid, where_ + dot + std::string(key) + " " + std::string(why));
}

}  // namespace ffdl::k8s
