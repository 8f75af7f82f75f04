// What the API itself teaches and refuses.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ApiTest : public Story {
 protected:
  // Paths of all fields at and below `schema` that have no description.
  static void FindUndocumented(const Json& schema, const std::string& path, Words& found) {
    if (TextAt(schema, "/description").empty()) found.push_back(path);
    const Json properties = At(schema, "/properties");
    for (const auto& [name, field] : properties.items()) {
      FindUndocumented(field, path + "." + name, found);
    }
    if (const Json item = At(schema, "/items"); item.is_object()) {
      FindUndocumented(item, path + "[]", found);
    }
  }

  static Words FirstLine(const std::string& table) {
    std::istringstream line(table.substr(0, table.find('\n')));
    return {std::istream_iterator<std::string>(line), {}};
  }
};

TEST_F(ApiTest, EveryFieldIsExplained) {
  const Json document = Json::parse(MustKubectl({"get", "--raw", "/openapi/v3/apis/ffdl.io/v1"}));
  const Json kind = At(document, "/components/schemas/io.ffdl.v1.TrainingJob");
  Words undocumented;
  for (const char* part : {"spec", "status"}) {
    const Json schema = At(kind, std::string("/properties/") + part);
    ASSERT_TRUE(schema.is_object()) << document.dump(2);
    FindUndocumented(schema, part, undocumented);
  }
  EXPECT_THAT(undocumented, ElementsAre());

  const std::string tree = MustKubectl({"explain", "trainingjob.spec", "--recursive"});
  for (const char* field :
       {"framework", "image", "completionPolicy", "maxRestarts", "podTemplate"}) {
    EXPECT_THAT(tree, HasSubstr(field));
  }
  EXPECT_THAT(tree, Not(HasSubstr("<empty>")));
  const std::string learners = MustKubectl({"explain", "tj.spec.learners"});
  EXPECT_THAT(learners, HasSubstr("How many learners work on the job at the same time"));
}

TEST_F(ApiTest, TablesShowWhatPeopleLookFor) {
  Apply(JobManifest("shown", "sleep 3600").Learners(2).MaxRestarts(1));
  AwaitState("shown", "Processing");

  const std::string table = MustKubectl({"get", "tj"});
  EXPECT_THAT(FirstLine(table), ElementsAre("NAME", "STATE", "LEARNERS", "ATTEMPT", "AGE"));
  EXPECT_THAT(table, testing::ContainsRegex("shown +Processing +2/2 +1 +[0-9]+s"));

  const std::string wide = MustKubectl({"get", "tj", "--output", "wide"});
  EXPECT_THAT(FirstLine(wide),
              ElementsAre("NAME", "STATE", "LEARNERS", "ATTEMPT", "AGE", "FRAMEWORK", "GPUS",
                          "RESTARTS", "NODE", "REASON", "MESSAGE"));
  EXPECT_THAT(wide, HasSubstr("2 learners are running"));
}

TEST_F(ApiTest, JobsAreFoundByShortNameCategoryAndState) {
  Apply(JobManifest("found", "sleep 3600"));
  AwaitState("found", "Processing");
  const std::string name = "trainingjob.ffdl.io/found";
  EXPECT_EQ(name + "\n", MustKubectl({"get", "tj", "--output", "name"}));
  EXPECT_EQ(name + "\n", MustKubectl({"get", "ml", "--output", "name"}));
  EXPECT_THAT(MustKubectl({"get", "all", "--output", "name"}), HasSubstr(name));
  EXPECT_EQ(name + "\n", MustKubectl({"get", "tj", "--field-selector=status.state=Processing",
                                      "--output", "name"}));
  EXPECT_EQ("",
            MustKubectl({"get", "tj", "--field-selector=status.state=Failed", "--output", "name"}));
}

TEST_F(ApiTest, MistakesAreRefusedWithASentenceEach) {
  const CommandResult checked =
      RunCommand({std::string(FFDL_SOURCE_DIR) + "/test/e2e/invalid/check"},
                 {.limit = std::chrono::seconds(180)});
  EXPECT_TRUE(checked.ok()) << checked;
}

std::string Slurp(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// What people copy must work.
std::vector<std::string> ManifestsIn(const std::filesystem::path& page) {
  const std::string text = Slurp(page);
  if (page.extension() == ".yaml") return {text};
  static const std::regex kBlock("\n```yaml\n([^`]*)```");
  std::vector<std::string> manifests;
  for (std::sregex_iterator it(text.begin(), text.end(), kBlock), end; it != end; ++it) {
    if (it->str(1).find("kind: TrainingJob") != std::string::npos) manifests.push_back(it->str(1));
  }
  return manifests;
}

TEST_F(ApiTest, TakesEveryJobOfTheDocumentationAndTheSamples) {
  const std::filesystem::path root = FFDL_SOURCE_DIR;
  std::vector<std::filesystem::path> pages = {root / "README.md"};
  for (const char* const folder : {"docs", "manifests/samples"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const auto extension = entry.path().extension();
      const bool kustomize = entry.path().filename() == "kustomization.yaml";
      if (!kustomize && (extension == ".md" || extension == ".yaml")) pages.push_back(entry.path());
    }
  }
  int taken = 0;
  for (const std::filesystem::path& page : pages) {
    for (const std::string& manifest : ManifestsIn(page)) {
      const CommandResult applied =
          Kubectl({"apply", "--dry-run=server", "--filename", "-"}, {.input = manifest});
      EXPECT_TRUE(applied.ok()) << page << ": " << applied;
      ++taken;
    }
  }
  EXPECT_GE(taken, 6);
}

}  // namespace
}  // namespace ffdl::e2e
