// The samples of frameworks, with the real ones: two learners train what neither could alone.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

constexpr std::chrono::seconds kTrainingMax{300};

std::filesystem::path InSources(const std::string& path) {
  return std::filesystem::path(FFDL_SOURCE_DIR) / path;
}

std::string Slurp(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class FrameworkSampleTest : public Story, public testing::WithParamInterface<std::string> {
 protected:
  static std::filesystem::path Sample() { return InSources("manifests/samples/" + GetParam()); }
};

TEST_P(FrameworkSampleTest, LearnersTrainTogether) {
  MustKubectl({"apply", "-k", Sample().string()});
  const Json done = Await(
      GetParam(), "Completed",
      [](const Json& job) { return !TextAt(job, "/status/completionTime").empty(); }, 0,
      kTrainingMax);
  ASSERT_EQ("Completed", TextAt(done, "/status/state")) << done.dump(2);
  EXPECT_EQ("2/2", TextAt(done, "/status/learners/summary"));
  EXPECT_EQ(1, NumberAt(done, "/status/attempt"));
}

TEST_P(FrameworkSampleTest, IsTheJobThatTheDocumentationShows) {
  const std::string job = Slurp(Sample() / "job.yaml");
  ASSERT_FALSE(job.empty());
  EXPECT_THAT(Slurp(InSources("docs/frameworks.md")),
              testing::HasSubstr("```yaml\n" + job + "```"));
}

INSTANTIATE_TEST_SUITE_P(Of, FrameworkSampleTest, testing::Values("jax", "xgboost", "tensorflow"),
                         [](const auto& sample) { return sample.param; });

}  // namespace
}  // namespace ffdl::e2e
