#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace ffdl::e2e {

using Words = std::vector<std::string>;

// What a child starts with: file descriptors that stay the caller's, -1 for /dev/null, and
// variables ("NAME=value") added to our own environment.
struct ChildOptions {
  int in = -1;
  int out = -1;
  int err = -1;
  Words environment;
};

// A program that runs beside the test, in a process group of its own. It ends with this object, or
// with the thread that made it, whichever goes first. Use it from that thread; only Signal may be
// called from others, while nobody waits for its end.
class ChildProcess {
 public:
  // The first word is looked up in PATH. Throws StoryFailure when no process can be made; a program
  // that does not exist shows as exit code 127.
  ChildProcess(const Words& words, const ChildOptions& options);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void Signal(int number) const;

  // The exit code, or 128 plus the signal that ended it; nothing if it still runs after `limit`.
  std::optional<int> WaitFor(std::chrono::milliseconds limit);
  [[nodiscard]] bool Runs() { return !WaitFor(std::chrono::milliseconds(0)); }

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int pid_fd_ = -1;
  std::optional<int> exit_code_;
};

}  // namespace ffdl::e2e
