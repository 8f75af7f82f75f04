#include "operator/agent/program.h"

#include <spawn.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "operator/agent/files.h"

namespace ffdl::agent {
namespace {

// Attributes and file actions of posix_spawn, which must be destroyed.
class SpawnPlan {
 public:
  SpawnPlan(const ProgramStreams& streams, const sigset_t& mask) {
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setsigmask(&attributes_, &mask);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(
        &attributes_,
        static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    if (streams.input >= 0) {
      posix_spawn_file_actions_adddup2(&actions_, streams.input, STDIN_FILENO);
    }
    posix_spawn_file_actions_adddup2(&actions_, streams.output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, streams.error, STDERR_FILENO);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // 0 or an errno value, also of the exec.
  int Spawn(pid_t& pid, std::span<char* const> command, char* const* environment) const {
    return posix_spawnp(&pid, command[0], &actions_, &attributes_, command.data(), environment);
  }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

std::string NotFoundMessage(const std::string& command, const Environment& environment) {
  if (command.find('/') == std::string::npos) {
    return "the command '" + command + "' is in no directory of PATH (" +
           environment.GetOrEmpty("PATH") + "); correct spec.command or use an image that has it";
  }
  if (Exists(command)) {
    return "the command '" + command +
           "' is there, but not the interpreter that its first line or its ELF header names; use "
           "an image "
           "that has it";
  }
  return "the command '" + command +
         "' does not exist; correct spec.command or use an image that has it";
}

Termination StartFailure(const std::string& command, const Environment& environment, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return {.reason = reason::kCommandNotFound,
              .exit_code = kExitNotFound,
              .message = NotFoundMessage(command, environment)};
    case EACCES:
    case EPERM:
    case EISDIR:
      return {.reason = reason::kCommandNotExecutable,
              .exit_code = kExitNotExecutable,
              .message = "the command '" + command +
                         "' may not be executed; make it executable (chmod +x), or start it by its "
                         "interpreter, as in [python3, train.py]"};
    case ENOEXEC:
      return {
          .reason = reason::kCommandNotExecutable,
          .exit_code = kExitNotExecutable,
          .message = "the command '" + command +
                     "' is neither a script whose first line starts with #! nor a program for this "
                     "machine; add that line, or use an image for the architecture of the node"};
    default:
      return {.reason = reason::kLaunchFailed,
              .exit_code = kExitLaunchFailed,
              .message = FailWith("start", command, error).value().message};
  }
}

}  // namespace

tl::expected<pid_t, Termination> StartProgram(std::span<char* const> command,
                                              const Environment& environment,
                                              const ProgramStreams& streams, const sigset_t& mask) {
  std::vector<std::string> entries = environment.entries();
  std::vector<char*> pointers;
  pointers.reserve(entries.size() + 1);
  for (std::string& entry : entries) pointers.push_back(entry.data());
  pointers.push_back(nullptr);

  pid_t pid = -1;
  const SpawnPlan plan(streams, mask);
  const int error = plan.Spawn(pid, command, pointers.data());
  if (error != 0) return tl::unexpected(StartFailure(command[0], environment, error));
  return pid;
}

}  // namespace ffdl::agent
