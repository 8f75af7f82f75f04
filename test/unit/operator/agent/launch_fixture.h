#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "test/unit/operator/agent/process.h"

namespace ffdl::agent::test {

// ffdl-launch as a process, with the folders that a pod would have.
class LaunchFixture : public testing::Test {
 protected:
  LaunchFixture() { std::filesystem::create_directory(State()); }

  [[nodiscard]] ProcessOptions Of(const std::vector<std::string>& command) const {
    std::vector<std::string> all = {FFDL_LAUNCH_PROGRAM,
                                    "--state",
                                    State(),
                                    "--termination-log",
                                    folder_.Path("termination-log"),
                                    "--"};
    all.insert(all.end(), command.begin(), command.end());
    return {.command = all,
            .environment = {{"LOG_DIR", folder_.Path("logs")}, {"FFDL_POD_NAME", "m-learner-1"}}};
  }
  [[nodiscard]] ProcessOptions OfShell(const std::string& script) const {
    return Of({"sh", "-c", script});
  }

  [[nodiscard]] std::string State() const { return folder_.Path("state"); }
  [[nodiscard]] std::string LogPath() const {
    return folder_.Path("logs/learner-2/training-log.txt");
  }
  [[nodiscard]] std::string TerminationText() const {
    return ReadText(folder_.Path("termination-log"));
  }
  [[nodiscard]] nlohmann::json Termination() const {
    return nlohmann::json::parse(TerminationText());
  }
  // As a new pod would.
  void ForgetAttempt() const {
    std::filesystem::remove_all(State());
    std::filesystem::create_directory(State());
  }

  TemporaryFolder folder_;
};

}  // namespace ffdl::agent::test
