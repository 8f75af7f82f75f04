// Walks through the schema: each field of a suspended job is set, changed, removed and set back,
// with the job running in between, and each time the cluster must look as if the job had been
// created so.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "test/simulation/world.h"
#include "test/unit/crds/crd_schema.h"

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;
using namespace nlohmann::literals;
using Act = Step::Act;
using test::Schema;

constexpr std::chrono::seconds kLook{5};
constexpr std::chrono::seconds kRest{60};
constexpr std::chrono::hours kSettleMax{2};
constexpr int kOperationsMin = 1000;

struct Field {
  std::string path;  // a JSON pointer in the spec
  Json beside;       // what else the object that has it must have
  bool is_required = false;
  std::vector<Json> values;
};

// Claims of the job and the names of roles never change, and suspending is how the walk gets from
// one value to the next.
bool IsLeftOut(const std::string& path) {
  static const std::set<std::string> kPaths = {"/framework", "/roles", "/roles/0/name", "/storage",
                                               "/suspend"};
  return kPaths.contains(path);
}

// Of a field without which another one would have to be there.
bool IsNeeded(const std::string& path) { return path == "/framework/image"; }

// As the description ends: "Example: 'text'." or "Example: 300."
std::optional<Json> ExampleOf(const Schema& schema) {
  const std::string description = schema.value("description", "");
  static const std::regex kExample(R"(Example: (?:'((?:[^']|'')*)'|([0-9]+))\.\s*$)");
  std::smatch found;
  if (!std::regex_search(description, found, kExample)) return std::nullopt;
  if (found[2].matched) return std::stoll(found.str(2));
  if (test::TypeOf(schema) == "string") return found.str(1);
  return Json(test::ParseYaml(found.str(1)));
}

std::vector<Json> NumbersOf(const Schema& schema) {
  constexpr std::int64_t kDay = 86'400;
  const std::int64_t most = schema.value("maximum", kDay);
  const std::int64_t least = schema.value("minimum", std::int64_t{0});
  const auto one = ExampleOf(schema).value_or(std::min(most, kDay)).get<std::int64_t>();
  return {one, one > least ? one - 1 : one + 1};
}

Json OtherThan(const Json& value) {
  if (value.is_string()) return value.get<std::string>() + "2";
  Json other = value;
  if (other.is_array() && other.front().is_string()) other.push_back(other.front());
  return other;
}

std::vector<Json> ValuesOf(const Schema& schema) {
  if (schema.contains("enum")) return {schema["enum"].begin(), schema["enum"].end()};
  const std::string type = test::TypeOf(schema);
  if (type == "boolean") return {true, false};
  if (type == "integer") return NumbersOf(schema);
  if (type == "quantity") return {"3", "5"};
  const auto example = ExampleOf(schema);
  const bool is_whole = schema.contains("properties") && schema.contains("required");
  if (!example && schema.contains("properties") && !is_whole) return {};  // field by field
  const Json value = example.value_or(Json(test::SampleOf(schema)));
  const Json other = OtherThan(value);
  if (other == value) return {value};
  return {value, other};
}

// Fields that a rule of the schema forbids, so that their message can say why.
bool IsForbidden(const Schema& object, const std::string& name) {
  const Schema rules = object.value("x-kubernetes-validations", Schema::array());
  return std::ranges::any_of(rules, [&](const Schema& rule) {
    return rule.value("rule", "") == "!has(self." + name + ")";
  });
}

bool IsRequired(const Schema& object, const std::string& name) {
  const Schema required = object.value("required", Schema::array());
  return std::ranges::find(required, Schema(name)) != required.end();
}

void Collect(const Schema& object, const std::string& at, const Json& beside,
             std::vector<Field>& fields) {
  for (const auto& [name, schema] : object["properties"].items()) {
    const std::string path = at + "/" + name;
    if (IsForbidden(object, name)) continue;
    std::vector<Json> values = ValuesOf(schema);
    if (!IsLeftOut(path) && !values.empty()) {
      fields.push_back({.path = path,
                        .beside = beside,
                        .is_required = IsRequired(object, name) || IsNeeded(path),
                        .values = std::move(values)});
    }
    if (path == "/storage" || !schema.contains("properties")) continue;
    Json needs = beside;
    for (const Schema& word : schema.value("required", Schema::array())) {
      const std::string required = word;
      needs[Json::json_pointer(path + "/" + required)] =
          Json(test::SampleOf(schema["properties"][required]));
    }
    Collect(schema, path, needs, fields);
  }
}

std::vector<Field> FieldsOfSpec() {
  std::vector<Field> fields;
  const Schema crd = test::LoadCrd();
  const Schema& spec = test::RootSchema(crd)["properties"]["spec"];
  Collect(spec, "", Json::object(), fields);
  const Json roles = {{"roles", {{{"name", "ps"}}, {{"name", "worker"}, {"replicas", 2}}}}};
  Collect(spec["properties"]["roles"]["items"], "/roles/0", roles, fields);
  return fields;
}

// As the API server fills it in.
Json Defaulted(Json spec) {
  static const Schema crd = test::LoadCrd();
  return test::WithDefaults(test::RootSchema(crd)["properties"]["spec"], std::move(spec));
}

Json BaseOf(const Field& field) {
  Json spec = {{"framework", {{"name", "custom"}, {"image", "train:1"}}},
               {"command", {"train"}},
               {"resources", {{"gpus", 1}}},
               {"failurePolicy", {{"maxRestarts", 1}}}};
  if (!field.beside.contains("roles")) spec["learners"] = 2;
  Json beside = field.beside;
  beside.merge_patch(spec);  // what is there already stays
  return Defaulted(beside);
}

// The spec at first, and as it is after each operation: set, change, remove, set back, change
// again.
std::vector<Json> SpecsOf(const Field& field) {
  std::vector<Json> specs = {BaseOf(field)};
  const Json::json_pointer at(field.path);
  const auto set = [&](const Json& value) {
    Json spec = specs.back();
    spec[at] = value;
    specs.push_back(Defaulted(spec));
  };
  for (const Json& value : field.values) set(value);
  if (!field.is_required) {
    Json spec = specs.back();
    spec[at.parent_pointer()].erase(at.back());
    specs.push_back(Defaulted(spec));
  }
  set(field.values.front());
  set(field.values.back());
  return specs;
}

Json MergePatchFrom(const Json& before, const Json& after) {
  Json patch = Json::object();
  for (const auto& [name, value] : before.items()) {
    if (!after.contains(name)) patch[name] = nullptr;
  }
  for (const auto& [name, value] : after.items()) {
    const Json old = before.value(name, Json());
    if (old == value) continue;
    patch[name] = old.is_object() && value.is_object() ? MergePatchFrom(old, value) : value;
  }
  return patch;
}

// The values of all fields of this name, wherever they are.
void CollectNamed(const Json& value, const std::string& name, std::set<Json>& found) {
  if (!value.is_structured()) return;
  for (const auto& [key, field] : value.items()) {
    if (key == name) found.insert(field);
    CollectNamed(field, name, found);
  }
}

std::set<Json> AllNamed(const Json& spec, const std::vector<Json>& edits, const std::string& name) {
  std::set<Json> found;
  CollectNamed(spec, name, found);
  CollectNamed(edits, name, found);
  found.erase(Json());  // of an edit that removes it
  return found;
}

// With the claims of the user's and the types of GPUs that are asked for on the way.
Scenario Story(Json spec, const std::vector<Json>& edits) {
  Json catalogue = Json::object();
  for (const Json& type : AllNamed(spec, edits, "gpuType")) {
    const std::string name = type;
    catalogue["gpu-type." + name] = "resource: example.com/" + name;
  }
  Scenario story{.name = "field-walk",
                 .fate = [](int, int) { return LearnerFate{.how = LearnerFate::How::kRunsOn}; },
                 .steps = {{.act = Act::kPublish, .body = std::move(catalogue)}},
                 .has_catalogue = true};
  for (const Json& claim : AllNamed(spec, edits, "claim")) {
    if (claim.contains("name")) story.claims.push_back(claim.at("name"));
  }
  for (const Json& claim : AllNamed(spec, edits, "claimName")) story.claims.push_back(claim);
  story.steps.push_back({.act = Act::kCreate, .body = std::move(spec)});
  for (const Json& edit : edits) {
    story.steps.push_back(
        {.when = Sight::kProcessing, .act = Act::kEdit, .body = {{"suspend", true}}});
    story.steps.push_back({.when = Sight::kHalted, .act = Act::kEdit, .body = edit});
    story.steps.push_back(
        {.when = Sight::kHalted, .act = Act::kEdit, .body = {{"suspend", false}}});
  }
  return story;
}

// What no two clusters have in common is left out.
Json Comparable(Json object) {
  Json& meta = object["metadata"];
  for (const char* const own : {"uid", "resourceVersion", "creationTimestamp", "generation"}) {
    meta.erase(own);
  }
  if (meta.contains("ownerReferences")) {
    for (Json& owner : meta["ownerReferences"]) owner.erase("uid");
  }
  object.erase("status");
  return object;
}

Json ComparableJob(const Json& job) {
  const Json status = job.value("status", Json::object());
  Json shown = {{"state", status.value("state", "")},
                {"learners", status.value("/learners/summary"_json_pointer, "")},
                {"roles", status.value("roles", Json())},
                {"attempt", status.value("attempt", 0)}};
  for (const Json& condition : status.value("conditions", Json::array())) {
    shown[condition.at("type").get<std::string>()] = {
        condition.at("status"), condition.at("reason"), condition.at("message")};
  }
  return shown;
}

Json Look(const ObjectLog& log) {
  Json seen = Json::object();
  for (const Kind* const kind :
       {&kServices, &kStatefulSets, &kClaims, &kNetworkPolicies, &kDisruptionBudgets}) {
    for (const auto& [key, stored] : log.All(*kind)) {
      if (!stored->object.at("metadata").contains("labels")) continue;  // the user's
      seen[std::string(kind->plural) + "/" + key.name] = Comparable(stored->object);
    }
  }
  for (const auto& [key, stored] : log.All(kTrainingJobs)) {
    seen["job"] = ComparableJob(stored->object);
  }
  return seen;
}

// The cluster once nothing happens any more; an error in words when that does not come.
Json SettledEndOf(const Scenario& story) {
  World world({.scenario = &story}, /*trace=*/false);
  world.Begin();
  while (!world.UsersAreDone() || world.now() - world.oracle().changed_at() < kRest) {
    world.Pass(kLook);
    if (world.oracle().violation()) return *world.oracle().violation();
    if (world.now() > kSettleMax)
      return "does not come to rest: " + Look(world.api().log()).dump(1);
  }
  return Look(world.api().log());
}

TEST(FieldWalkTest, EndsWhereAFreshJobWithTheSameSpecWouldBe) {
  int operations = 0;
  for (const Field& field : FieldsOfSpec()) {
    const std::vector<Json> specs = SpecsOf(field);
    std::vector<Json> edits;
    for (std::size_t i = 1; i < specs.size(); ++i) {
      edits.push_back(MergePatchFrom(specs[i - 1], specs[i]));
      const std::vector<Json> none(edits.size(), Json::object());
      const Json walked = SettledEndOf(Story(specs.front(), edits));
      const Json fresh = SettledEndOf(Story(specs[i], none));
      operations += static_cast<int>(edits.size());
      EXPECT_TRUE(walked.is_object()) << field.path << ": " << walked;
      EXPECT_EQ(fresh, walked) << field.path << " after " << Json(edits) << ": "
                               << Json::diff(fresh, walked).dump(1);
    }
  }
  std::cout << operations << " operations\n";
  EXPECT_GE(operations, kOperationsMin);
}

}  // namespace
}  // namespace ffdl::simulation
