#include "test/unit/crds/reference_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ffdl::test {
namespace {

constexpr std::string_view kIntroduction =
    "# TrainingJob\n\n"
    "<!-- Made from crds/schema/ffdl.io_trainingjobs.yaml by test/unit/crds; do not edit. -->\n\n"
    "`apiVersion: {group}/{version}`, `kind: {kind}`; `kubectl get {short}` for short.\n\n"
    "{text}\n\n"
    "The smallest job:\n\n"
    "```yaml\n"
    "apiVersion: {group}/{version}\n"
    "kind: {kind}\n"
    "metadata:\n"
    "  name: hello\n"
    "spec:\n"
    "  framework: {{image: \"busybox:1.36\"}}\n"
    "  command: [echo, hello]\n"
    "```\n\n"
    "The same text is in the cluster: `kubectl explain {plural}.spec`.\n";

// Text inside a table: a bar would end the cell.
std::string Cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.insert(at, "\\");
  return text;
}

std::string TypeText(const Schema& schema) {
  const std::string type = TypeOf(schema);
  if (type.empty()) return "any";
  if (type == "array") return "list of " + TypeText(schema.at("items"));
  if (schema.contains("additionalProperties"))
    return "map of " + TypeText(schema["additionalProperties"]);
  return schema.value("format", "") == "date-time" ? "time" : type;
}

std::string DefaultText(const Schema& parent, const std::string& name, const Schema& field) {
  const Schema required = parent.value("required", Schema::array());
  if (std::find(required.begin(), required.end(), name) != required.end()) return "required";
  return field.contains("default") ? fmt::format("`{}`", field["default"].dump()) : "";
}

// The schema whose fields a section lists: of an object, or of the objects in a list.
const Schema& FieldsOf(const Schema& schema) {
  return TypeOf(schema) == "array" ? schema.at("items") : schema;
}

std::string Anchor(const std::string& path) {
  std::string anchor;
  std::copy_if(path.begin(), path.end(), std::back_inserter(anchor),
               [](char c) { return c != '.' && c != '[' && c != ']'; });
  std::transform(anchor.begin(), anchor.end(), anchor.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c;
  });
  return anchor;
}

std::string PathOf(const std::string& parent, const std::string& name, const Schema& field) {
  return parent + "." + name + (TypeOf(field) == "array" ? "[]" : "");
}

void AddSection(const std::string& path, const Schema& schema, std::string& page) {
  const Schema& object = FieldsOf(schema);
  page += fmt::format("\n## {}\n\n{}\n\n", path, schema.value("description", ""));
  page += "| field | type | default | description |\n|---|---|---|---|\n";
  for (const auto& [name, field] : object.at("properties").items()) {
    const bool has_section = FieldsOf(field).contains("properties");
    const std::string shown =
        has_section ? fmt::format("[`{}`](#{})", name, Anchor(PathOf(path, name, field)))
                    : fmt::format("`{}`", name);
    page +=
        fmt::format("| {} | {} | {} | {} |\n", shown, TypeText(field),
                    Cell(DefaultText(object, name, field)), Cell(field.value("description", "")));
  }
  for (const auto& [name, field] : object.at("properties").items()) {
    if (FieldsOf(field).contains("properties")) AddSection(PathOf(path, name, field), field, page);
  }
}

void AddRules(const Schema& root, std::string& page) {
  page +=
      "\n## What is refused\n\nBeside wrong types and values out of bounds, the API server refuses "
      "a job with these words:\n\n";
  Walk("", root, [&](const std::string&, const Schema& schema) {
    const Schema rules = schema.value("x-kubernetes-validations", Schema::array());
    for (const Schema& rule : rules)
      page += fmt::format("- {}\n", rule["message"].get<std::string>());
  });
}

}  // namespace

std::string ReferencePage(const Schema& crd) {
  const Schema& names = crd.at("spec").at("names");
  const Schema& root = RootSchema(crd);
  const auto text = [](const Schema& value) { return value.get<std::string>(); };
  std::string page = fmt::format(kIntroduction, fmt::arg("group", text(crd["spec"]["group"])),
                                 fmt::arg("kind", text(names["kind"])),
                                 fmt::arg("version", text(crd["spec"]["versions"][0]["name"])),
                                 fmt::arg("plural", text(names["plural"])),
                                 fmt::arg("short", text(names["shortNames"][0])),
                                 fmt::arg("text", text(root["description"])));
  for (const char* part : {"spec", "status"}) AddSection(part, root["properties"][part], page);
  AddRules(root, page);
  return page;
}

}  // namespace ffdl::test
