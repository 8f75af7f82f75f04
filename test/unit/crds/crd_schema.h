// The CRD of TrainingJob as a tree, for tests that compare it with the C++ types and with its page.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace ffdl::test {

// Keeps the order of the fields, as a reader of the page wants them.
using Schema = nlohmann::ordered_json;

// The whole CustomResourceDefinition. Throws if it cannot be read: a test without it has no
// meaning.
[[nodiscard]] Schema LoadCrd();
// What a reader of the page would write: the text of an example.
[[nodiscard]] Schema ParseYaml(const std::string& text);
// openAPIV3Schema of version v1.
[[nodiscard]] const Schema& RootSchema(const Schema& crd);

// Calls `visit` for `schema` and for all below it. The path is as in messages: "spec.env[].name",
// and "spec.podTemplate.metadata.labels{}" for the values of a map.
using Visit = std::function<void(const std::string& path, const Schema& schema)>;
void Walk(const std::string& path, const Schema& schema, const Visit& visit);

[[nodiscard]] bool IsQuantity(const Schema& schema);
// "string", "integer", "quantity", ... or "" for a field that may hold anything.
[[nodiscard]] std::string TypeOf(const Schema& schema);

// A value of each field that differs from its default and from zero, empty and false.
[[nodiscard]] nlohmann::json SampleOf(const Schema& schema);
// `value` with all defaults that the API server would fill in.
[[nodiscard]] nlohmann::json WithDefaults(const Schema& schema, nlohmann::json value);

}  // namespace ffdl::test
