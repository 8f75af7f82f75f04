#include "k8s-client/informer/line_framer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ffdl::k8s {
namespace {

TEST(LineFramerTest, GivesTheSameLinesHoweverTheBytesAreCut) {
  const std::string text = "{\"a\":1}\n\n{\"b\":2}\nlast\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    LineFramer framer;
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      const auto fed = framer.Feed(std::string_view(text).substr(at, piece), [&](PaddedJson line) {
        lines.emplace_back(line.text);
        return true;
      });
      ASSERT_TRUE(fed.has_value());
    }
    EXPECT_EQ((std::vector<std::string>{"{\"a\":1}", "{\"b\":2}", "last"}), lines) << piece;
  }
}

TEST(LineFramerTest, DropsTheRestWhenTheReaderHasEnough) {
  LineFramer framer;
  std::vector<std::string> lines;
  const auto take = [&](PaddedJson line) {
    lines.emplace_back(line.text);
    return lines.size() > 1;
  };
  ASSERT_TRUE(framer.Feed("one\ntwo\nthr", take).has_value());
  ASSERT_TRUE(framer.Feed("four\n", take).has_value());
  EXPECT_EQ((std::vector<std::string>{"one", "four"}), lines);
}

TEST(LineFramerTest, RefusesALineWithoutEnd) {
  LineFramer framer;
  const std::string piece(std::size_t{1} << 20U, 'x');
  const auto none = [](PaddedJson) { return true; };
  Result<void> fed;
  for (std::size_t sent = 0; sent < LineFramer::kLineBytesMax; sent += piece.size()) {
    ASSERT_TRUE((fed = framer.Feed(piece, none)).has_value());
  }
  EXPECT_FALSE(framer.Feed("x", none).has_value());
}

}  // namespace
}  // namespace ffdl::k8s
