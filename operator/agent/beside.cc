#include "operator/agent/beside.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "operator/agent/attempt.h"
#include "operator/agent/files.h"

namespace ffdl::agent {
namespace {

// What a kubelet runs in a container has no way into its log, but PID 1 has.
void SpeakThrough(const std::string& pid) {
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    const std::string path = "/proc/" + pid + "/fd/" + std::to_string(stream);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): no mode, nothing is made
    const Fd theirs(open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (theirs.valid()) dup2(theirs.get(), stream);
  }
}

}  // namespace

int RunBeside(const LaunchOptions& options, const Environment& given) {
  const Result<Attempt::Memory> memory = Attempt(options.state_directory).Recall();
  if (!memory) {
    Say(memory.error().message);
    return kExitLaunchFailed;
  }
  if (memory->past != Attempt::Past::kStarted) return 0;
  SpeakThrough(memory->launched_by);

  std::vector<std::string> entries = ProgramEnvironment(given, CanWriteIn).entries();
  std::vector<char*> pointers;
  pointers.reserve(entries.size() + 1);
  for (std::string& entry : entries) pointers.push_back(entry.data());
  pointers.push_back(nullptr);
  execvpe(options.command[0], options.command.data(), pointers.data());
  const int error = errno;
  Say(FailWith("run", options.command[0], error).value().message);
  return error == ENOENT || error == ENOTDIR ? kExitNotFound : kExitNotExecutable;
}

}  // namespace ffdl::agent
