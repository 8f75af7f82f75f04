// How a container ended, as the operator reads it from the pod's status.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ffdl::agent {

inline constexpr std::size_t kTerminationBytesMax =
    4096;  // the kubelet keeps no more of one container
inline constexpr std::string_view kTerminationLog = "/dev/termination-log";

namespace reason {
inline constexpr std::string_view kCompleted = "Completed";
inline constexpr std::string_view kProgramFailed = "ProgramFailed";
inline constexpr std::string_view kKilledBySignal = "KilledBySignal";
// The container went before its program ended.
inline constexpr std::string_view kKilled = "Killed";
// The kernel killed a process of the program at the memory limit.
inline constexpr std::string_view kOutOfMemory = "OutOfMemory";
// It made no progress for too long, and was ended for that.
inline constexpr std::string_view kNoProgress = "NoProgress";
inline constexpr std::string_view kCommandNotFound = "CommandNotFound";
inline constexpr std::string_view kCommandNotExecutable = "CommandNotExecutable";
inline constexpr std::string_view kLaunchFailed = "LaunchFailed";
// Not all learners of an MPI job answered its launcher in time.
inline constexpr std::string_view kPeersMissing = "PeersMissing";
inline constexpr std::string_view kCodeMissing = "CodeMissing";
// The object store does not let us read the code, or there are no credentials yet.
inline constexpr std::string_view kCodeAccessDenied = "CodeAccessDenied";
// What is there cannot be the code: unsafe names, a broken archive, too much.
inline constexpr std::string_view kCodeInvalid = "CodeInvalid";
inline constexpr std::string_view kObjectStoreUnavailable = "ObjectStoreUnavailable";
inline constexpr std::string_view kUsageInvalid = "UsageInvalid";
inline constexpr std::string_view kInstallFailed = "InstallFailed";
}  // namespace reason

// Exit codes of ours, as shells and sysexits.h have them.
inline constexpr int kExitLaunchFailed = 125;
inline constexpr int kExitNotExecutable = 126;
inline constexpr int kExitNotFound = 127;
inline constexpr int kExitSignalBase = 128;
inline constexpr int kExitUsage = 64;
inline constexpr int kExitCodeInvalid = 65;
inline constexpr int kExitCodeMissing = 66;
inline constexpr int kExitObjectStoreUnavailable = 69;
inline constexpr int kExitInstallFailed = 74;
inline constexpr int kExitCodeAccessDenied = 77;

struct Termination {
  std::string_view reason;  // one of reason::
  int exit_code = 0;
  int signal = 0;       // 0: none
  std::string message;  // one sentence
};

// What a wait status says.
[[nodiscard]] Termination TerminationOf(int wait_status);

// One line of JSON of at most kTerminationBytesMax bytes. Of `output`, the last whole lines that
// fit are its "log"; of a last line that does not fit, its end.
[[nodiscard]] std::string ToJson(const Termination& termination, std::string_view output);

// The exit code in what ToJson wrote; nothing for other text.
[[nodiscard]] std::optional<int> ExitCodeOf(std::string_view json);

}  // namespace ffdl::agent
