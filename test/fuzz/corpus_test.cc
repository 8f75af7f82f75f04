// The targets over their corpora, and over a fixed number of mutations of each file, the same in
// every run: without libFuzzer, in every build.
#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "k8s-client/runtime/random.h"
#include "test/fuzz/targets.h"

namespace ffdl::fuzz {
namespace {

constexpr int kMutationsOfAFile = 400;
constexpr int kEditsMax = 6;

std::vector<std::string> Corpus(const std::string& name) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(FFDL_CORPORA + ("/" + name))) {
    paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<std::string> texts;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return texts;
}

// One small edit, of the kinds that find mistakes in parsers.
void Edit(std::string& text, const std::vector<std::string>& corpus, k8s::Random& random) {
  static const std::vector<std::string> kWords{"null",    "{}", "[]",    "\"",
                                               "\\u0000", "-1", "1e400", "9223372036854775808",
                                               "true",    ",",  "\n",    "\xff"};
  const std::size_t at = text.empty() ? 0 : random.Next() % text.size();
  const std::size_t length = 1 + random.Next() % 16;
  switch (random.Next() % 6) {
    case 0:
      text.erase(at, length);
      break;
    case 1:
      text.resize(at);  // cut off
      break;
    case 2:
      if (!text.empty()) text[at] = static_cast<char>(random.Next());
      break;
    case 3:
      text.insert(at, kWords[random.Next() % kWords.size()]);
      break;
    case 4:
      text.insert(at, std::string(text, at, length));  // twice
      break;
    default: {
      const std::string& other = corpus[random.Next() % corpus.size()];
      if (!other.empty()) text.insert(at, other.substr(random.Next() % other.size(), length * 8));
    }
  }
}

// Names the input, which is all that is needed to look into it.
void Feed(const Target& target, const std::string& input) {
  try {
    target.run(input);
  } catch (const std::exception& broken) {
    FAIL() << broken.what() << ", by: " << testing::PrintToString(input);
  }
}

class CorpusTest : public testing::TestWithParam<Target> {};

TEST_P(CorpusTest, BreaksNoPromise) {
  const std::vector<std::string> corpus = Corpus(GetParam().name);
  ASSERT_FALSE(corpus.empty());
  k8s::Random random(7);
  for (const std::string& text : corpus) {
    ASSERT_NO_FATAL_FAILURE(Feed(GetParam(), text));
    for (int i = 0; i < kMutationsOfAFile; ++i) {
      std::string mutant = text;
      const auto edits = 1 + random.Next() % kEditsMax;
      for (std::uint64_t edit = 0; edit < edits; ++edit) Edit(mutant, corpus, random);
      ASSERT_NO_FATAL_FAILURE(Feed(GetParam(), mutant));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, CorpusTest, testing::ValuesIn(Targets()),
                         [](const auto& entry) { return entry.param.name; });

}  // namespace
}  // namespace ffdl::fuzz
