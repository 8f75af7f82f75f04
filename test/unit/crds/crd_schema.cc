#include "test/unit/crds/crd_schema.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <stdexcept>

namespace ffdl::test {
namespace {

using nlohmann::json;

Schema ScalarOf(const YAML::Node& node) {
  const std::string text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (text == "true" || text == "false") return text == "true";
  if (text.find_first_not_of("-0123456789") == std::string::npos && text != "-") {
    return std::stoll(text);
  }
  return text;
}

Schema TreeOf(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map: {
      Schema object = Schema::object();
      for (const auto& entry : node) object[entry.first.Scalar()] = TreeOf(entry.second);
      return object;
    }
    case YAML::NodeType::Sequence: {
      Schema list = Schema::array();
      for (const auto& item : node) list.push_back(TreeOf(item));
      return list;
    }
    case YAML::NodeType::Scalar:
      return ScalarOf(node);
    case YAML::NodeType::Null:
    case YAML::NodeType::Undefined:
      return nullptr;
  }
  throw std::logic_error("a YAML node of no known type");
}

json SampleWord(const Schema& schema) {
  for (const Schema& word : schema["enum"]) {
    if (!schema.contains("default") || word != schema["default"]) return word;
  }
  throw std::logic_error("an enumeration without a choice");
}

json SampleNumber(const Schema& schema) {
  constexpr std::int64_t kNumber = 7;
  return std::clamp(kNumber, schema.at("minimum").get<std::int64_t>(),
                    schema.at("maximum").get<std::int64_t>());
}

json SampleObject(const Schema& schema) {
  json object = json::object();
  const Schema fields = schema.value("properties", Schema::object());
  for (const auto& [name, field] : fields.items()) {
    object[name] = SampleOf(field);
  }
  if (schema.contains("additionalProperties")) {
    object["key"] = SampleOf(schema["additionalProperties"]);
  }
  return object;
}

}  // namespace

Schema LoadCrd() { return TreeOf(YAML::LoadFile(FFDL_CRD_FILE)); }

Schema ParseYaml(const std::string& text) { return TreeOf(YAML::Load(text)); }

const Schema& RootSchema(const Schema& crd) {
  return crd.at("spec").at("versions").at(0).at("schema").at("openAPIV3Schema");
}

void Walk(const std::string& path, const Schema& schema, const Visit& visit) {
  visit(path, schema);
  if (schema.contains("properties")) {
    for (const auto& [name, field] : schema["properties"].items()) {
      Walk(path.empty() ? name : path + "." + name, field, visit);
    }
  }
  if (schema.contains("items")) Walk(path + "[]", schema["items"], visit);
  if (schema.contains("additionalProperties")) {
    Walk(path + "{}", schema["additionalProperties"], visit);
  }
}

bool IsQuantity(const Schema& schema) { return schema.value("x-kubernetes-int-or-string", false); }

std::string TypeOf(const Schema& schema) {
  return IsQuantity(schema) ? "quantity" : schema.value("type", "");
}

json SampleOf(const Schema& schema) {
  const std::string type = TypeOf(schema);
  if (schema.contains("enum")) return SampleWord(schema);
  if (schema.value("format", "") == "date-time") return "2026-01-02T03:04:05Z";
  if (type == "string") return "text";
  if (type == "quantity") return "7";
  if (type == "integer") return SampleNumber(schema);
  if (type == "boolean") return true;
  if (type == "array") return json::array({SampleOf(schema.at("items"))});
  if (type == "object") return SampleObject(schema);
  return {{"anything", 7}};
}

json WithDefaults(const Schema& schema, json value) {
  if (value.is_array() && schema.contains("items")) {
    for (json& item : value) item = WithDefaults(schema["items"], std::move(item));
  }
  if (!value.is_object()) return value;
  const Schema fields = schema.value("properties", Schema::object());
  for (const auto& [name, field] : fields.items()) {
    if (!value.contains(name) && field.contains("default")) value[name] = json(field["default"]);
    if (value.contains(name)) value[name] = WithDefaults(field, value[name]);
  }
  return value;
}

}  // namespace ffdl::test
