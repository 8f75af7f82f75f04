#include "operator/agent/termination.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "operator/agent/tail.h"

namespace ffdl::agent {
namespace {

std::string LogOf(std::string_view output) {
  const std::string json = ToJson({.reason = reason::kCompleted, .message = "done"}, output);
  EXPECT_LE(json.size(), kTerminationBytesMax);
  EXPECT_EQ(json.size() - 1, json.find('\n'));  // one line
  return nlohmann::json::parse(json).at("log").get<std::string>();
}

TEST(TerminationTest, IsOneLineOfJson) {
  EXPECT_EQ(
      "{\"reason\":\"ProgramFailed\",\"exitCode\":3,\"message\":\"it "
      "\\\"failed\\\"\",\"log\":\"a\\nb\\n\"}\n",
      ToJson({.reason = reason::kProgramFailed, .exit_code = 3, .message = "it \"failed\""},
             "a\nb\n"));
  EXPECT_EQ(
      "{\"reason\":\"KilledBySignal\",\"exitCode\":137,\"signal\":9,\"message\":\"m\",\"log\":\"\"}"
      "\n",
      ToJson({.reason = reason::kKilledBySignal, .exit_code = 137, .signal = 9, .message = "m"},
             ""));
}

TEST(TerminationTest, KeepsAsManyWholeLastLinesAsFit) {
  std::string output;
  for (int line = 0; line < 1000; ++line) output += "line " + std::to_string(line) + "\n";
  const std::string log = LogOf(output);
  EXPECT_TRUE(log.starts_with("line "));
  EXPECT_TRUE(output.ends_with(log));
  EXPECT_GT(log.size(), 3600U);
}

TEST(TerminationTest, KeepsTheEndOfALastLineThatDoesNotFit) {
  const std::string log = LogOf("first\n" + std::string(10'000, 'x') + "end");
  EXPECT_TRUE(log.starts_with("xxx"));
  EXPECT_TRUE(log.ends_with("xend"));
  EXPECT_GT(log.size(), 3900U);
}

TEST(TerminationTest, FitsWhateverTheBytesAre) {
  for (int byte = 0; byte < 256; ++byte) {
    EXPECT_FALSE(LogOf(std::string(5000, static_cast<char>(byte))).empty()) << byte;
  }
  EXPECT_GT(LogOf(std::string(5000, '\x01')).size(), 600U);  // six bytes each
}

TEST(TerminationTest, FitsWithALongMessage) {
  const std::string json =
      ToJson({.reason = reason::kCommandNotFound, .message = std::string(9000, '"')}, "log\n");
  EXPECT_LE(json.size(), kTerminationBytesMax);
  EXPECT_EQ("log\n", nlohmann::json::parse(json).at("log"));
}

TEST(TerminationTest, GivesItsExitCodeBack) {
  const Termination termination{
      .reason = reason::kProgramFailed, .exit_code = 42, .message = R"(","exitCode":7)"};
  EXPECT_EQ(42, ExitCodeOf(ToJson(termination, R"(","exitCode":8)")));
  EXPECT_EQ(std::nullopt, ExitCodeOf(""));
  EXPECT_EQ(std::nullopt, ExitCodeOf(R"({"reason":"x","exitCode":)"));
}

TEST(TailTest, KeepsWhatFits) {
  Tail tail;
  tail.Append("short\n");
  EXPECT_EQ("short\n", tail.Text());
}

TEST(TailTest, KeepsTheEndOfALineThatIsTooLong) {
  Tail tail;
  tail.Append(std::string(100'000, 'x'));
  EXPECT_EQ(std::string(4096, 'x'), tail.Text());
}

TEST(TailTest, DropsALineThatLostItsBeginning) {
  Tail tail;
  for (int line = 0; line < 5000; ++line) tail.Append("line " + std::to_string(line) + "\n");
  EXPECT_TRUE(tail.Text().starts_with("line "));
  EXPECT_TRUE(tail.Text().ends_with("\nline 4999\n"));
  EXPECT_GT(tail.Text().size(), 4080U);
}

}  // namespace
}  // namespace ffdl::agent
