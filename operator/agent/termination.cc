#include "operator/agent/termination.h"

#include <sys/wait.h>

#include <charconv>
#include <csignal>
#include <cstring>
#include <system_error>

#include "operator/agent/json_text.h"

namespace ffdl::agent {
namespace {

constexpr std::size_t kMessageBytesMax = 1024;
constexpr std::string_view kExitCodeKey = R"(","exitCode":)";
constexpr std::string_view kLogKey = R"(","log":")";
constexpr std::string_view kEnd = "\"}\n";

std::string SignalName(int signal) {
  const char* name = sigabbrev_np(signal);
  if (name == nullptr) return std::to_string(signal);
  return std::to_string(signal) + " (SIG" + name + ")";
}

// The last lines of `output` that need at most `bytes_max` bytes in JSON.
std::string_view LastLines(std::string_view output, std::size_t bytes_max) {
  std::string_view lines = output.substr(output.size());
  std::size_t size = 0;
  while (lines.size() < output.size()) {
    const std::string_view rest = output.substr(0, output.size() - lines.size());
    const std::size_t newline = rest.substr(0, rest.size() - 1).rfind('\n');
    const std::string_view line =
        newline == std::string_view::npos ? rest : rest.substr(newline + 1);
    size += JsonTextBytes(line);
    if (size > bytes_max) return lines.empty() ? LastJsonText(line, bytes_max) : lines;
    lines = output.substr(rest.size() - line.size());
  }
  return lines;
}

}  // namespace

Termination TerminationOf(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int signal = WTERMSIG(wait_status);
    return {.reason = reason::kKilledBySignal,
            .exit_code = kExitSignalBase + signal,
            .signal = signal,
            .message = "the program was ended by signal " + SignalName(signal)};
  }
  const int code = WEXITSTATUS(wait_status);
  return {.reason = code == 0 ? reason::kCompleted : reason::kProgramFailed,
          .exit_code = code,
          .message = "the program ended with exit code " + std::to_string(code)};
}

std::string ToJson(const Termination& termination, std::string_view output) {
  std::string json = R"({"reason":")";
  json.append(termination.reason);
  json.append(kExitCodeKey).append(std::to_string(termination.exit_code));
  if (termination.signal != 0)
    json.append(",\"signal\":").append(std::to_string(termination.signal));
  json.append(R"(,"message":")");
  std::string_view message = std::string_view(termination.message).substr(0, kMessageBytesMax);
  while (JsonTextBytes(message) > kMessageBytesMax) message.remove_suffix(1);
  AppendJsonText(json, message);
  json.append(kLogKey);
  AppendJsonText(json, LastLines(output, kTerminationBytesMax - json.size() - kEnd.size()));
  return json.append(kEnd);
}

std::optional<int> ExitCodeOf(std::string_view json) {
  const std::size_t key = json.find(kExitCodeKey);
  if (key == std::string_view::npos) return std::nullopt;
  const std::string_view digits = json.substr(key + kExitCodeKey.size());
  int code = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code);
  if (error != std::errc{} || end == digits.data()) return std::nullopt;
  return code;
}

}  // namespace ffdl::agent
