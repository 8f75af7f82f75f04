#include "operator/agent/out_of_memory.h"

#include <gtest/gtest.h>

#include <string>

#include "test/unit/operator/agent/process.h"

namespace ffdl::agent {
namespace {

class OutOfMemoryTest : public testing::Test {
 protected:
  void Write(const char* file, const char* text) const { folder_.Write(file, text); }

  test::TemporaryFolder folder_;
  std::string root_ = folder_.Path();
};

TEST_F(OutOfMemoryTest, IsCountedByBothVersionsOfControlGroups) {
  Write("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
  EXPECT_EQ(2U, OutOfMemoryKills(root_));
  Write("memory.events", "low 0\nhigh 0\nmax 12\noom 4\noom_kill 3\noom_group_kill 0\n");
  EXPECT_EQ(3U, OutOfMemoryKills(root_));
}

TEST_F(OutOfMemoryTest, IsUnknownWhereNothingCanBeRead) {
  EXPECT_EQ(std::nullopt, OutOfMemoryKills(root_));
  Write("memory.events", "oom_kill many\n");
  EXPECT_EQ(std::nullopt, OutOfMemoryKills(root_));
}

TEST_F(OutOfMemoryTest, ExplainsAnEndOnlyIfItHappenedMeanwhileAndMattered) {
  const Termination killed{.reason = reason::kKilledBySignal, .exit_code = 137, .signal = 9};

  EXPECT_EQ(reason::kOutOfMemory, ExplainByMemory(killed, 1, 2).reason);
  EXPECT_EQ(137, ExplainByMemory(killed, 1, 2).exit_code);
  EXPECT_EQ(reason::kKilledBySignal, ExplainByMemory(killed, 2, 2).reason);
  EXPECT_EQ(reason::kKilledBySignal, ExplainByMemory(killed, std::nullopt, 2).reason);
  EXPECT_EQ(reason::kCompleted, ExplainByMemory({.reason = reason::kCompleted}, 0, 1).reason);
}

}  // namespace
}  // namespace ffdl::agent
