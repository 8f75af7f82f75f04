// Fails when the C++ types and crds/schema/ disagree: a field, a default or a word that only one of
// them has.
#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "crds/v1/compact_tables.h"
#include "crds/v1/conditions.h"
#include "crds/v1/json.h"
#include "crds/v1/words.h"
#include "test/unit/crds/crd_schema.h"

namespace ffdl::v1 {
namespace {

using nlohmann::json;
using test::Schema;

// All members of a struct. A new member does not compile until it is listed here, and then the
// tests below ask for it in the schema.
auto Members(const TrainingJobSpec& s) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, t, u, v, w, x, y] = s;
  return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, t, u, v, w, x, y);
}
auto Members(const Elastic& s) {
  const auto& [a, b, c] = s;
  return std::tie(a, b, c);
}
auto Members(const Torchrun& s) {
  const auto& [a, b] = s;
  return std::tie(a, b);
}
auto Members(const Role& s) {
  const auto& [a, b, c, d, e, f, g, h, i] = s;
  return std::tie(a, b, c, d, e, f, g, h, i);
}
auto Members(const Mpi& s) {
  const auto& [a, b] = s;
  return std::tie(a, b);
}
auto Members(const Framework& s) {
  const auto& [a, b, c, d] = s;
  return std::tie(a, b, c, d);
}
auto Members(const FrameworkStatus& s) {
  const auto& [a, b, c] = s;
  return std::tie(a, b, c);
}
auto Members(const GpuType& s) {
  const auto& [a, b, c, d] = s;
  return std::tie(a, b, c, d);
}
auto Members(const Resources& s) {
  const auto& [a, b, c, d, e] = s;
  return std::tie(a, b, c, d, e);
}
auto Members(const ClaimReference& s) {
  const auto& [a, b] = s;
  return std::tie(a, b);
}
auto Members(const Code& s) {
  const auto& [a, b, c] = s;
  return std::tie(a, b, c);
}
auto Members(const ObjectStore& s) {
  const auto& [a, b, c, d, e, f] = s;
  return std::tie(a, b, c, d, e, f);
}
auto Members(const Storage& s) {
  const auto& [a, b] = s;
  return std::tie(a, b);
}
auto Members(const StorageRequest& s) {
  const auto& [a, b, c, d] = s;
  return std::tie(a, b, c, d);
}
auto Members(const Checkpoint& s) {
  const auto& [a, b] = s;
  return std::tie(a, b);
}
auto Members(const Progress& s) {
  const auto& [a, b] = s;
  return std::tie(a, b);
}
auto Members(const NetworkPolicy& s) {
  const auto& [a, b] = s;
  return std::tie(a, b);
}
auto Members(const DisruptionBudget& s) {
  const auto& [a] = s;
  return std::tie(a);
}
auto Members(const FailurePolicy& s) {
  const auto& [a, b, c, d, e] = s;
  return std::tie(a, b, c, d, e);
}
auto Members(const FailureRule& s) {
  const auto& [a, b, c, d, e] = s;
  return std::tie(a, b, c, d, e);
}
auto Members(const TrainingJobStatus& s) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, t, u] = s;
  return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, t, u);
}
auto Members(const Scheduling& s) {
  const auto& [a, b, c, d, e] = s;
  return std::tie(a, b, c, d, e);
}
auto Members(const AttemptRecord& s) {
  const auto& [a, b, c, d, e, f, g, h, i] = s;
  return std::tie(a, b, c, d, e, f, g, h, i);
}
auto Members(const LearnerRestart& s) {
  const auto& [a, b, c, d, e, f, g, h, i, j] = s;
  return std::tie(a, b, c, d, e, f, g, h, i, j);
}
auto Members(const LearnersStatus& s) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = s;
  return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
}
auto Members(const GpuSeconds& s) {
  const auto& [a, b] = s;
  return std::tie(a, b);
}
auto Members(const LearnerGroup& s) {
  const auto& [a, b, c, d] = s;
  return std::tie(a, b, c, d);
}
auto Members(const LearnerDetail& s) {
  const auto& [a, b, c, d, e, f, g] = s;
  return std::tie(a, b, c, d, e, f, g);
}
auto Members(const RoleStatus& s) {
  const auto& [a, b, c, d, e, f] = s;
  return std::tie(a, b, c, d, e, f);
}
auto Members(const Failure& s) {
  const auto& [a, b, c, d, e, f, g, h, i] = s;
  return std::tie(a, b, c, d, e, f, g, h, i);
}
auto Members(const k8s::Condition& s) {
  const auto& [a, b, c, d, e, f] = s;
  return std::tie(a, b, c, d, e, f);
}

template <typename Struct>
void ExpectEachMemberSet(const std::string& what, const Struct& got) {
  const Struct none{};
  int member = 0;
  const auto expect = [&](const auto& is, const auto& was) {
    ++member;
    EXPECT_FALSE(is == was) << "member " << member << " of " << what
                            << " is in the C++ type but not in the schema";
  };
  const auto expect_each = [&](const auto&... is) {
    std::apply([&](const auto&... was) { (expect(is, was), ...); }, Members(none));
  };
  std::apply(expect_each, Members(got));
}

class TypesTest : public testing::Test {
 protected:
  static TrainingJob Parse(const json& object) {
    k8s::Result<TrainingJob> job = ParseTrainingJob(object.dump());
    EXPECT_TRUE(job.has_value()) << (job ? "" : job.error().message);
    return job.value_or(TrainingJob{});
  }

  // Every leaf of spec and status that the types have members for; env and podTemplate are kept as
  // they are.
  void ForEachLeaf(
      const std::function<void(const json::json_pointer&, const Schema&)>& visit) const {
    for (const char* part : {"spec", "status"}) {
      test::Walk(part, root_["properties"][part],
                 [&](const std::string& path, const Schema& schema) {
                   const std::string type = test::TypeOf(schema);
                   if (path.starts_with("spec.env") || path.starts_with("spec.roles[].env") ||
                       path.starts_with("spec.podTemplate")) {
                     return;
                   }
                   if (type != "object" && type != "array") visit(PointerTo(path), schema);
                 });
    }
  }

  // "status.conditions[].type" to /status/conditions/0/type, and "{}" to /key
  static json::json_pointer PointerTo(const std::string& path) {
    static const std::map<char, std::string> kParts = {
        {'.', "/"}, {'[', "/0"}, {']', ""}, {'{', "/key"}, {'}', ""}};
    std::string text = "/";
    for (const char c : path) text += kParts.contains(c) ? kParts.at(c) : std::string(1, c);
    return json::json_pointer(text);
  }

  static json Without(json object, const json::json_pointer& leaf) {
    json& parent = object[leaf.parent_pointer()];
    if (parent.is_array()) {
      parent.clear();
    } else {
      parent.erase(leaf.back());
    }
    return object;
  }

  const Schema crd_ = test::LoadCrd();
  const Schema& root_ = test::RootSchema(crd_);
  const json full_ = {{"spec", test::SampleOf(root_["properties"]["spec"])},
                      {"status", test::SampleOf(root_["properties"]["status"])}};
};

TEST_F(TypesTest, ReadEveryFieldOfTheSchema) {
  const TrainingJob whole = Parse(full_);
  int leaves = 0;
  ForEachLeaf([&](const json::json_pointer& leaf, const Schema&) {
    ++leaves;
    EXPECT_FALSE(whole == Parse(Without(full_, leaf)))
        << leaf.to_string() << " is in the schema but the parser does not read it";
  });
  EXPECT_GT(leaves, 40);
  EXPECT_EQ(full_["spec"]["env"], whole.spec.env);
  EXPECT_EQ(full_["spec"]["roles"][0]["env"], whole.spec.roles.at(0).env);
  EXPECT_EQ(full_["spec"]["podTemplate"], whole.spec.pod_template);
}

TEST_F(TypesTest, HaveNoMemberThatTheSchemaDoesNotHave) {
  const auto [meta, spec, status] = Parse(full_);
  ExpectEachMemberSet("TrainingJobSpec", spec);
  ExpectEachMemberSet("Framework", spec.framework);
  ExpectEachMemberSet("Mpi", spec.framework.mpi);
  ExpectEachMemberSet("Resources", spec.resources);
  ExpectEachMemberSet("ClaimReference", spec.results.value());
  ExpectEachMemberSet("Code", spec.code);
  ExpectEachMemberSet("Code.claim", spec.code.claim.value());
  ExpectEachMemberSet("Code.objectStore", spec.code.object_store.value());
  ExpectEachMemberSet("Scheduling", spec.scheduling);
  ExpectEachMemberSet("Storage", spec.storage);
  ExpectEachMemberSet("Storage.shared", spec.storage.shared.value());
  ExpectEachMemberSet("Storage.per_learner", spec.storage.per_learner.value());
  ExpectEachMemberSet("Checkpoint", spec.checkpoint.value());
  ExpectEachMemberSet("Progress", spec.progress.value());
  ExpectEachMemberSet("NetworkPolicy", spec.network_policy.value());
  ExpectEachMemberSet("DisruptionBudget", spec.disruption_budget.value());
  ExpectEachMemberSet("Elastic", spec.elastic.value());
  ExpectEachMemberSet("Torchrun", spec.elastic.value().torchrun.value());
  ExpectEachMemberSet("Role", spec.roles.at(0));
  ExpectEachMemberSet("Role.resources", spec.roles.at(0).resources.value());
  ExpectEachMemberSet("FailurePolicy", spec.failure_policy);
  ExpectEachMemberSet("FailureRule", spec.failure_policy.rules.at(0));
  ExpectEachMemberSet("TrainingJobStatus", status);
  ExpectEachMemberSet("FrameworkStatus", status.framework.value());
  ExpectEachMemberSet("GpuType", status.gpu_types.at(0));
  ExpectEachMemberSet("GpuSeconds", status.gpu_seconds.value());
  ExpectEachMemberSet("LearnersStatus", status.learners);
  ExpectEachMemberSet("LearnerGroup", status.learners.phases.at(0));
  ExpectEachMemberSet("LearnerDetail", status.learners.details.at(0));
  ExpectEachMemberSet("RoleStatus", status.roles.at(0));
  ExpectEachMemberSet("RoleStatus.phases", status.roles.at(0).phases.at(0));
  ExpectEachMemberSet("Failure", status.failure.value());
  ExpectEachMemberSet("AttemptRecord", status.history.at(0));
  ExpectEachMemberSet("LearnerRestart", status.learner_restarts.at(0));
  ExpectEachMemberSet("Condition", status.conditions.at(0));
}

TEST_F(TypesTest, AreHeldCompactlyWithEveryField) {
  const TrainingJob whole = Parse(full_);
  k8s::Interner words;
  std::string bytes;
  k8s::CompactWriter(words, bytes).Value(whole);
  TrainingJob read;
  k8s::CompactReader(words, bytes, 0).Value(read);
  read.meta.key = whole.meta.key;  // not in the table
  EXPECT_EQ(whole, read);
}

TEST_F(TypesTest, WriteEveryFieldOfTheStatus) {
  EXPECT_EQ(full_["status"], ToJson(Parse(full_).status));
}

TEST_F(TypesTest, HaveTheDefaultsOfTheSchema) {
  const json bare = {
      {"spec", {{"storage", {{"shared", json::object()}, {"perLearner", json::object()}}}}}};
  const json filled = test::WithDefaults(root_, bare);
  EXPECT_EQ(Parse(bare), Parse(filled)) << filled.dump(2);
  EXPECT_EQ(Parse(json::object()), Parse(test::WithDefaults(root_, json::object())));
}

TEST_F(TypesTest, TakeZeroAndFalseForMissingWhereTheSchemaHasNoDefault) {
  ForEachLeaf([&](const json::json_pointer& leaf, const Schema& schema) {
    const std::string type = test::TypeOf(schema);
    if (schema.contains("default") || (type != "integer" && type != "boolean")) return;
    if (schema.value("minimum", 0) > 0) return;                    // zero is no value of it
    if (leaf.to_string() == "/status/observedGeneration") return;  // the default of status has it
    if (leaf.to_string() == "/spec/ttlSecondsAfterFinished") return;  // zero is "at once"
    json zero = full_;
    zero[leaf] = type == "integer" ? json(0) : json(false);
    EXPECT_EQ(Parse(Without(full_, leaf)), Parse(zero)) << leaf.to_string();
  });
}

template <typename Table, typename Read>
void ExpectReadWords(const Schema& schema, const Table& table, Read read) {
  std::vector<std::string> words;
  for (const auto& [value, word] : table) {
    words.emplace_back(word);
    EXPECT_EQ(value, read(words.back()));
  }
  EXPECT_THAT(schema["enum"].get<std::vector<std::string>>(),
              testing::UnorderedElementsAreArray(words));
}

// Of those that are written, too.
template <typename Table, typename Read>
void ExpectSameWords(const Schema& schema, const Table& table, Read read) {
  ExpectReadWords(schema, table, read);
  for (const auto& [value, word] : table) EXPECT_EQ(word, ToString(value));
}

TEST_F(TypesTest, HaveTheWordsOfTheSchema) {
  const Schema& spec = root_["properties"]["spec"]["properties"];
  ExpectSameWords(spec["framework"]["properties"]["name"], kFrameworkWords, [](const auto& word) {
    return Parse({{"spec", {{"framework", {{"name", word}}}}}}).spec.framework.name;
  });
  ExpectSameWords(spec["completionPolicy"], kCompletionPolicyWords, [](const auto& word) {
    return Parse({{"spec", {{"completionPolicy", word}}}}).spec.completion_policy;
  });
  const Schema& role = spec["roles"]["items"]["properties"];
  ExpectSameWords(role["completionPolicy"], kRoleCompletionPolicyWords, [](const auto& word) {
    const json roles = {{{"name", "ps"}, {"completionPolicy", word}}};
    return Parse({{"spec", {{"roles", roles}}}}).spec.roles.front().completion_policy;
  });
  const Schema& rule = spec["failurePolicy"]["properties"]["rules"]["items"]["properties"];
  ExpectSameWords(rule["action"], kFailureActionWords, [](const auto& word) {
    const json rules = {{{"onExitCodes", {1}}, {"action", word}}};
    return Parse({{"spec", {{"failurePolicy", {{"rules", rules}}}}}})
        .spec.failure_policy.rules.front()
        .action;
  });
  const Schema& storage = spec["storage"]["properties"];
  for (const char* const of : {"shared", "perLearner"}) {
    ExpectReadWords(
        storage[of]["properties"]["whenFinished"], kRetentionWords, [&](const auto& word) {
          const Storage read =
              Parse({{"spec", {{"storage", {{of, {{"whenFinished", word}}}}}}}}).spec.storage;
          return (read.shared ? read.shared : read.per_learner)->when_finished;
        });
  }
  ExpectSameWords(root_["properties"]["status"]["properties"]["state"], kStateWords,
                  [](const auto& word) {
                    return Parse({{"status", {{"state", word}}}}).status.state;
                  });
}

TEST_F(TypesTest, HaveRoomForEveryRoleOfTheSchema) {
  EXPECT_EQ(kRolesMax, root_["properties"]["spec"]["properties"]["roles"]["maxItems"]);
}

TEST_F(TypesTest, RememberAsManyLoneRestartsAsTheSchemaHasRoomFor) {
  const Schema& status = root_["properties"]["status"]["properties"];
  EXPECT_EQ(kLearnerRestartsMax, status["learnerRestarts"]["maxItems"]);
}

TEST_F(TypesTest, KeepALogThatTheSchemaHasRoomFor) {
  const Schema& failure = root_["properties"]["status"]["properties"]["failure"]["properties"];
  EXPECT_EQ(kFailureLogBytesMax, failure["log"]["maxLength"]);
}

TEST_F(TypesTest, TellOfAsManyLearnersAsTheSchemaHasRoomFor) {
  const Schema& spec = root_["properties"]["spec"]["properties"];
  const Schema& status = root_["properties"]["status"]["properties"];
  const Schema& learners = status["learners"]["properties"];
  EXPECT_EQ(kLearnersMax, spec["learners"]["maximum"]);
  EXPECT_EQ(kLearnersMax, learners["desired"]["maximum"]);
  EXPECT_EQ(kLearnerDetailsMax, learners["details"]["maxItems"]);
  EXPECT_EQ(kLearnerMessageBytesMax,
            learners["details"]["items"]["properties"]["message"]["maxLength"]);
  for (const Schema& phases :
       {learners["phases"], status["roles"]["items"]["properties"]["phases"]}) {
    EXPECT_EQ(kLearnerGroupsMax, phases["maxItems"]);
    const Schema& group = phases["items"]["properties"];
    EXPECT_EQ(kLearnersMax, group["count"]["maximum"]);
    EXPECT_EQ(kLearnerRangesBytesMax, group["learners"]["maxLength"]);
    EXPECT_THAT(group["phase"]["enum"].get<std::vector<std::string>>(),
                testing::ElementsAre(learner_phase::kStarting, learner_phase::kWaiting,
                                     learner_phase::kRunning, learner_phase::kSucceeded,
                                     learner_phase::kFailed));
  }
}

}  // namespace
}  // namespace ffdl::v1
