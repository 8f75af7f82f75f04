#include "operator/agent/fetch_progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ffdl::agent {
namespace {

using std::chrono_literals::operator""s;
using testing::ElementsAre;

constexpr std::int64_t kMebibyte = 1 << 20;

std::vector<std::string> Lines(std::int64_t total) {
  std::vector<std::string> lines;
  const Say say = [&](std::string_view line) { lines.emplace_back(line); };
  const FetchProgress::Clock::time_point start;
  FetchProgress progress(say, start);
  progress.Update(kMebibyte, total, start + 4s);
  progress.Update(2 * kMebibyte, total, start + 5s);
  progress.Update(3 * kMebibyte, total, start + 9s);
  progress.Update(8 * kMebibyte, total, start + 60s);
  return lines;
}

TEST(FetchProgressTest, SaysEachFiveSecondsHowFarItIs) {
  EXPECT_THAT(Lines(8 * kMebibyte), ElementsAre("25% of 8.0 MiB", "100% of 8.0 MiB"));
}

TEST(FetchProgressTest, SaysHowMuchCameOfWhatHasNoKnownSize) {
  EXPECT_THAT(Lines(0), ElementsAre("2.0 MiB so far", "8.0 MiB so far"));
}

TEST(FetchProgressTest, CountsInMebibytes) {
  EXPECT_EQ("0.0 MiB", MebibytesOf(1));
  EXPECT_EQ("1.5 MiB", MebibytesOf(kMebibyte * 3 / 2));
  EXPECT_EQ("1024.0 MiB", MebibytesOf(1 << 30));
}

}  // namespace
}  // namespace ffdl::agent
