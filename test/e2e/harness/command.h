#pragma once

#include <chrono>
#include <ostream>
#include <string>

#include "test/e2e/harness/child_process.h"

namespace ffdl::e2e {

struct CommandOptions {
  std::string input;  // standard input
  std::chrono::seconds limit{60};
  Words environment;  // "NAME=value", added to our own
};

struct CommandResult {
  std::string command;  // as a person would type it
  int exit_code = 0;    // 128 plus the signal that ended it; kTimedOut
  std::string out;
  std::string err;

  static constexpr int kTimedOut = 1000;
  [[nodiscard]] bool ok() const { return exit_code == 0; }
};

// How it went, in full: what failed tests print.
std::ostream& operator<<(std::ostream& stream, const CommandResult& result);
[[nodiscard]] std::string Describe(const CommandResult& result);

// Runs a program to its end, or kills it at the limit.
[[nodiscard]] CommandResult RunCommand(const Words& words, const CommandOptions& options = {});

}  // namespace ffdl::e2e
