#include "operator/agent/training_log.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "test/unit/operator/agent/process.h"

namespace ffdl::agent {
namespace {

using test::ReadText;
using test::TemporaryFolder;
constexpr Clock::time_point kNow{};

TEST(TrainingLogTest, AppendsToWhatIsThere) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("log", "before\n");
  TrainingLog log(path);
  log.Append("one\n", kNow);
  log.Append("two\n", kNow);
  EXPECT_EQ("before\none\ntwo\n", ReadText(path));
}

TEST(TrainingLogTest, KeepsOneOlderFileWhenItGrows) {
  const TemporaryFolder folder;
  TrainingLog log(folder.Path("log"), {.bytes = 10});
  for (const char* text : {"0123456789", "abcdefghij", "last"}) log.Append(text, kNow);
  EXPECT_EQ("abcdefghij", ReadText(folder.Path("log.1")));
  EXPECT_EQ("last", ReadText(folder.Path("log")));
}

TEST(TrainingLogTest, SaysHowMuchCouldNotBeWritten) {
  const TemporaryFolder folder;
  TrainingLog log(folder.Path("later/log"), {.retry_after = std::chrono::seconds(10)});
  log.Append("12345", kNow);
  std::filesystem::create_directory(folder.Path("later"));
  log.Append("67890", kNow + std::chrono::seconds(9));
  EXPECT_FALSE(std::filesystem::exists(folder.Path("later/log")));
  log.Append("back\n", kNow + std::chrono::seconds(10));
  log.Append("again\n", kNow + std::chrono::seconds(10));
  EXPECT_EQ("\n[ffdl-launch: 10 bytes could not be written]\nback\nagain\n",
            ReadText(folder.Path("later/log")));
}

TEST(TrainingLogTest, SurvivesAFullDisk) {
  TrainingLog log("/dev/full");
  log.Append("lost", kNow);
  log.Append("lost", kNow + std::chrono::hours(1));
}

}  // namespace
}  // namespace ffdl::agent
