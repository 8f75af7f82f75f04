#include "k8s-client/auth/yaml_document.h"

#include <utility>

#include "k8s-client/auth/file.h"

namespace ffdl::k8s {
namespace {

constexpr std::string_view kQuoted = "!";  // yaml-cpp's tag of a scalar in quotes

// A plain scalar as the JSON value that YAML 1.2 (core schema) takes it for.
nlohmann::json ScalarOf(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == kQuoted) return text;
  if (text == "true" || text == "false") return text == "true";
  const nlohmann::json number = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  return number.is_number() ? number : nlohmann::json(text);
}

nlohmann::json JsonOf(const YAML::Node& node) {
  if (node.IsScalar()) return ScalarOf(node);
  nlohmann::json value;
  if (node.IsSequence()) {
    value = nlohmann::json::array();
    for (const auto& element : node) value.push_back(JsonOf(element));
  } else if (node.IsMap()) {
    value = nlohmann::json::object();
    for (const auto& entry : node) value[entry.first.Scalar()] = JsonOf(entry.second);
  }
  return value;
}

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

YAML::Node YamlMap::At(const std::string& key) const {
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
  const bool plain = found.IsScalar() && found.Tag() != kQuoted;
  if (plain && found.Scalar() == "true") return true;
  if (plain && found.Scalar() == "false") return false;
  return Wrong(key, "must be true or false");
}

Result<YamlMap> YamlMap::Map(const char* key) const {
  const YAML::Node found = At(key);
  if (!found.IsNull() && !found.IsMap()) return Wrong(key, "must be a map");
  return YamlMap(found, file_, PathOf(key));
}

Result<std::vector<std::string>> YamlMap::Texts(const char* key) const {
  const YAML::Node found = At(key);
  std::vector<std::string> texts;
  if (found.IsNull()) return texts;
  if (!found.IsSequence()) return Wrong(key, "must be a list of texts");
  for (const auto& element : found) {
    if (!element.IsScalar()) return Wrong(key, "must be a list of texts");
    texts.push_back(element.Scalar());
  }
  return texts;
}

Result<std::vector<YamlMap>> YamlMap::Maps(const char* key) const {
  const YAML::Node found = At(key);
  std::vector<YamlMap> maps;
  if (found.IsNull()) return maps;
  if (!found.IsSequence()) return Wrong(key, "must be a list of maps");
  for (const auto& element : found) {
    if (!element.IsMap()) return Wrong(key, "must be a list of maps");
    const std::string path = PathOf(key) + "[" + std::to_string(maps.size()) + "]";
    maps.push_back(YamlMap(element, file_, path));
  }
  return maps;
}

std::vector<std::string> YamlMap::Keys() const {
  std::vector<std::string> keys;
  if (!node_.IsMap()) return keys;
  for (const auto& entry : node_) keys.push_back(entry.first.Scalar());
  return keys;
}

Result<std::optional<YamlMap>> YamlMap::Named(const char* list, const std::string& name,
                                              const char* inner) const {
  const YAML::Node elements = At(list);
  if (!elements.IsNull() && !elements.IsSequence()) return Wrong(list, "must be a list");
  const std::string path = PathOf(list) + "[" + name + "]";
  std::optional<YamlMap> found;
  for (const auto& element : elements) {
    const YamlMap map(element, file_, path);
    const Result<std::string> called = map.Text("name");
    if (!called || *called != name) continue;
    if (found) return Wrong(list, "has two entries named \"" + name + "\"");
    Result<YamlMap> value = map.Map(inner);
    if (!value) return unexpected<Error>(std::move(value.error()));
    // An entry without content still has a place: that of its name.
    found = YamlMap(value->node_.IsNull() ? element["name"] : value->node_, file_, path);
  }
  return found;
}

nlohmann::json YamlMap::Json(const char* key) const { return JsonOf(At(key)); }

std::string YamlMap::PathOf(std::string_view key) const {
  return path_ + (path_.empty() ? "" : ".") + std::string(key);
}

std::string YamlMap::Place(std::string_view key) const {
  const YAML::Node found = At(std::string(key));
  const int line = (found.IsNull() ? node_ : found).Mark().line + 1;
  const std::string where = line > 0 ? ":" + std::to_string(line) : "";
  return file_ + where + ": " + PathOf(key);
}

unexpected<Error> YamlMap::Wrong(std::string_view key, std::string_view why) const {
  return Fail(ErrorCode::kInvalid, Place(key) + " " + std::string(why));
}

}  // namespace ffdl::k8s
