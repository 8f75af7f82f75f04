// How ffdl-launch is called in a learner's container.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ffdl::training_job {

// The volume of ffdl-launch and of its memory of the attempt; lives as long as the pod.
inline constexpr std::string_view kToolsDir = "/ffdl";
// HEARTBEAT_FILE of learners whose progress is watched.
inline constexpr std::string_view kHeartbeatFile = "/ffdl/heartbeat";

// The command with these flags behind its first words, as a list of strings.
[[nodiscard]] inline nlohmann::json LaunchCommand(std::initializer_list<std::string_view> flags) {
  nlohmann::json command = {std::string(kToolsDir) + "/bin/ffdl-launch", "--state",
                            std::string(kToolsDir) + "/state"};
  for (const std::string_view flag : flags) command.push_back(flag);
  return command;
}

}  // namespace ffdl::training_job
