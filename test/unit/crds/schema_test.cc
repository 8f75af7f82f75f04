// Holds crds/schema/ to the rules of a good API.
#include <gmock/gmock.h>

#include <regex>
#include <set>
#include <string>

#include "crds/v1/training_job.h"
#include "test/unit/crds/crd_schema.h"

namespace ffdl::test {
namespace {

class SchemaTest : public testing::Test {
 protected:
  // Every field of spec and status, and what lies below.
  void ForEachField(const Visit& visit) const {
    for (const char* part : {"spec", "status"}) Walk(part, root_.at("properties").at(part), visit);
  }
  void ForEachOfType(const std::string& type, const Visit& visit) const {
    ForEachField([&](const std::string& path, const Schema& schema) {
      if (TypeOf(schema) == type) visit(path, schema);
    });
  }

  const Schema crd_ = LoadCrd();
  const Schema& root_ = RootSchema(crd_);
};

TEST_F(SchemaTest, IsOfTheKindThatTheProgramsKnow) {
  const Schema& spec = crd_.at("spec");
  EXPECT_EQ(v1::kTrainingJobType.group, spec["group"]);
  EXPECT_EQ(v1::kTrainingJobType.kind, spec["names"]["kind"]);
  EXPECT_EQ(v1::kTrainingJobType.plural, spec["names"]["plural"]);
  EXPECT_EQ(v1::kTrainingJobType.version, spec["versions"][0]["name"]);
}

TEST_F(SchemaTest, ExplainsEveryField) {
  ForEachField([](const std::string& path, const Schema& schema) {
    const std::string text = schema.value("description", "");
    EXPECT_TRUE(text.ends_with('.')) << path << " needs a description of whole sentences";
  });
}

TEST_F(SchemaTest, TellsTheDefaultOfEveryFieldThatHasOne) {
  ForEachField([](const std::string& path, const Schema& schema) {
    if (!schema.contains("default") || schema["default"].is_object()) return;
    EXPECT_THAT(schema.value("description", ""), testing::HasSubstr("Default: ")) << path;
  });
}

TEST_F(SchemaTest, BoundsEveryString) {
  ForEachOfType("string", [](const std::string& path, const Schema& schema) {
    EXPECT_TRUE(schema.contains("maxLength") || schema.contains("enum")) << path;
  });
  ForEachOfType("quantity", [](const std::string& path, const Schema& schema) {
    EXPECT_TRUE(schema.contains("maxLength")) << path;
  });
}

TEST_F(SchemaTest, BoundsEveryListAndSaysHowItMerges) {
  ForEachOfType("array", [](const std::string& path, const Schema& schema) {
    EXPECT_TRUE(schema.contains("maxItems")) << path;
    const std::string type = schema.value("x-kubernetes-list-type", "");
    EXPECT_THAT(type, testing::AnyOf("atomic", "set", "map")) << path;
    EXPECT_EQ(type == "map", schema.contains("x-kubernetes-list-map-keys")) << path;
  });
}

TEST_F(SchemaTest, BoundsEveryNumber) {
  ForEachOfType("integer", [](const std::string& path, const Schema& schema) {
    EXPECT_TRUE(schema.contains("minimum") && schema.contains("maximum")) << path;
    EXPECT_THAT(schema.value("format", ""), testing::AnyOf("int32", "int64")) << path;
  });
  ForEachOfType("number", [](const std::string& path, const Schema&) {
    ADD_FAILURE() << path << " is a number with a fraction: use a quantity or text";
  });
}

TEST_F(SchemaTest, BoundsEveryMapAndListsTheFieldsOfEveryObject) {
  ForEachOfType("object", [](const std::string& path, const Schema& schema) {
    if (schema.contains("additionalProperties")) {
      EXPECT_TRUE(schema.contains("maxProperties")) << path;
    } else {
      EXPECT_TRUE(schema.contains("properties")) << path;
    }
  });
}

TEST_F(SchemaTest, LetsUnknownFieldsThroughOnlyInThePodTemplate) {
  ForEachField([](const std::string& path, const Schema& schema) {
    if (!schema.contains("x-kubernetes-preserve-unknown-fields")) return;
    EXPECT_TRUE(path.starts_with("spec.podTemplate.spec.")) << path;
    // The comparison of CEL overlooks unknown fields beside known ones, so such a change would slip
    // through the rules. A field that has no type at all is compared as a whole.
    EXPECT_FALSE(schema.contains("type") || schema.contains("properties")) << path;
  });
}

TEST_F(SchemaTest, AnswersEveryBrokenRuleWithASentenceThatNamesTheField) {
  static const std::regex kPattern("`[^`]+`.* (must|can only) ");
  ForEachField([](const std::string& path, const Schema& schema) {
    for (const Schema& rule : schema.value("x-kubernetes-validations", Schema::array())) {
      const std::string message = rule.value("message", "");
      EXPECT_TRUE(std::regex_search(message, kPattern)) << path << ": " << message;
    }
  });
}

TEST_F(SchemaTest, GuardsEveryFieldOfTheSpecAgainstChangesWhileRunning) {
  const std::set<std::string> free = {"description",           "suspend",
                                      "failurePolicy",         "pendingDeadlineSeconds",
                                      "activeDeadlineSeconds", "ttlSecondsAfterFinished",
                                      "networkPolicy",         "disruptionBudget"};
  std::set<std::string> guarded;
  const Schema& spec = root_["properties"]["spec"];
  for (const Schema& rule : spec["x-kubernetes-validations"]) {
    if (rule["rule"].get<std::string>().find("oldSelf") == std::string::npos) continue;
    guarded.insert(rule["fieldPath"].get<std::string>().substr(1));
  }
  for (const auto& [name, field] : spec["properties"].items()) {
    EXPECT_EQ(free.count(name), 1 - guarded.count(name)) << "spec." << name;
  }
}

TEST_F(SchemaTest, NeverLetsANewObjectPassForOneThatWasSeen) {
  // kstatus takes an object for current unless observedGeneration says otherwise.
  EXPECT_EQ(Schema({{"observedGeneration", -1}}), root_["properties"]["status"]["default"]);
}

TEST_F(SchemaTest, LetsEveryReservedVariableBeFoundInTheDescription) {
  const Schema& name =
      root_["properties"]["spec"]["properties"]["env"]["items"]["properties"]["name"];
  const std::string rule = name["x-kubernetes-validations"][1]["rule"];
  const std::regex quoted("'([A-Z_]+)'");
  std::size_t found = 0;
  for (std::sregex_iterator it(rule.begin(), rule.end(), quoted), end; it != end; ++it, ++found) {
    EXPECT_THAT(name["description"].get<std::string>(), testing::HasSubstr((*it)[1].str()));
  }
  EXPECT_GT(found, 18U);
}

}  // namespace
}  // namespace ffdl::test
