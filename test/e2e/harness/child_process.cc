#include "test/e2e/harness/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "test/e2e/harness/story_failure.h"

namespace ffdl::e2e {
namespace {

std::vector<char*> Pointers(Words& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// A variable that is named twice counts the first time.
Words EnvironmentWith(const Words& added) {
  Words all = added;
  for (char** variable = environ; *variable != nullptr; ++variable) all.emplace_back(*variable);
  return all;
}

// Between fork and exec: nothing here may allocate, because other threads may hold the heap's lock.
[[noreturn]] void Become(char* const* words, char* const* environment,
                         const ChildOptions& options) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(options.in >= 0 ? options.in : null, STDIN_FILENO);
  dup2(options.out >= 0 ? options.out : null, STDOUT_FILENO);
  dup2(options.err >= 0 ? options.err : null, STDERR_FILENO);
  execvpe(words[0], words, environment);
  _exit(127);
}

}  // namespace

ChildProcess::ChildProcess(const Words& words, const ChildOptions& options) {
  Words own_words = words;
  Words own_environment = EnvironmentWith(options.environment);
  const std::vector<char*> word_pointers = Pointers(own_words);
  const std::vector<char*> environment_pointers = Pointers(own_environment);
  pid_ = fork();
  if (pid_ == 0) Become(word_pointers.data(), environment_pointers.data(), options);
  if (pid_ < 0) throw StoryFailure(words.at(0) + ": fork: " + std::strerror(errno));
  pid_fd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));  // glibc 2.36 has no C++ header
  if (pid_fd_ < 0) throw StoryFailure(words.at(0) + ": pidfd_open: " + std::strerror(errno));
}

ChildProcess::~ChildProcess() {
  if (Runs()) {
    kill(-pid_, SIGKILL);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(pid_fd_);
}

void ChildProcess::Signal(int number) const {
  if (!exit_code_) kill(pid_, number);
}

std::optional<int> ChildProcess::WaitFor(std::chrono::milliseconds limit) {
  if (exit_code_) return exit_code_;
  pollfd ended{.fd = pid_fd_, .events = POLLIN, .revents = 0};
  if (poll(&ended, 1, static_cast<int>(limit.count())) != 1) return std::nullopt;
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) return std::nullopt;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

}  // namespace ffdl::e2e
