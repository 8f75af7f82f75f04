// Plays every story twice: with an operator that lives, and with one that is killed after every
// write and starts again with nothing but what the cluster shows. Both must come to the same end.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "test/scenarios/story.h"

namespace ffdl::scenario {
namespace {

std::vector<std::filesystem::path> Stories() {
  std::vector<std::filesystem::path> stories;
  for (const auto& entry : std::filesystem::directory_iterator(FFDL_STORIES)) {
    if (entry.path().extension() == ".txt") stories.push_back(entry.path());
  }
  std::ranges::sort(stories);
  return stories;
}

std::string TestName(const testing::TestParamInfo<std::filesystem::path>& info) {
  std::string name = info.param.stem().string();
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

class ScenarioTest : public testing::TestWithParam<std::filesystem::path> {
 protected:
  static std::vector<Step> Story() {
    std::stringstream text;
    text << std::ifstream(GetParam()).rdbuf();
    return ParseStory(text.str());
  }

  static void PlayWith(World::Operator how, bool counts_writes) {
    std::vector<Step> story = Story();
    ASSERT_FALSE(story.empty());
    if (!counts_writes) {
      std::erase_if(story, [](const Step& step) {
        return step.words.size() > 1 &&
               (step.words[1] == "status-writes" || step.words[1] == "event");
      });
    }
    World world(how);
    Play(story, world);
  }
};

TEST_P(ScenarioTest, EndsAsTold) { PlayWith(World::Operator::kLives, /*counts_writes=*/true); }

// Events and the number of writes may differ: what was not yet written is decided anew.
TEST_P(ScenarioTest, EndsTheSameWhenTheOperatorDiesAfterEachWrite) {
  PlayWith(World::Operator::kDiesAfterEachWrite, /*counts_writes=*/false);
}

INSTANTIATE_TEST_SUITE_P(Stories, ScenarioTest, testing::ValuesIn(Stories()), TestName);

}  // namespace
}  // namespace ffdl::scenario
