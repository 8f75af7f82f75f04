#include "k8s-client/auth/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

#include "k8s-client/auth/secret.h"

namespace ffdl::k8s {
namespace {

unexpected<Error> FromErrno(std::string_view what, int number) {
  return Fail(ErrorCode::kUnavailable,
              std::string(what) + ": " + std::generic_category().message(number));
}

// How the new process differs from ours.
class SpawnSettings {
 public:
  SpawnSettings(const ChildSpec& spec, int output) {
    posix_spawn_file_actions_init(&files_);
    posix_spawnattr_init(&attributes_);
    if (!spec.interactive) {
      posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
    // Our threads block signals and ignore SIGPIPE; a program expects neither.
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    // A group of its own can be killed with all that it started, but may not read the terminal.
    if (!spec.interactive) flags |= POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&files_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  [[nodiscard]] const posix_spawn_file_actions_t* files() const { return &files_; }
  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

// A vector of strings as execve wants it.
class Pointers {
 public:
  explicit Pointers(std::vector<std::string> texts) : texts_(std::move(texts)) {
    for (std::string& text : texts_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }
  ~Pointers() {
    for (std::string& text : texts_) Wipe(text);  // environments hold secrets
  }
  Pointers(const Pointers&) = delete;
  Pointers& operator=(const Pointers&) = delete;
  [[nodiscard]] char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

std::vector<std::string> Arguments(const ChildSpec& spec) {
  std::vector<std::string> texts{spec.command};
  texts.insert(texts.end(), spec.args.begin(), spec.args.end());
  return texts;
}

std::vector<std::string> Environment(const ChildSpec& spec) {
  std::vector<std::string> texts;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    const bool replaced =
        std::ranges::any_of(spec.env, [&](const auto& variable) { return variable.first == name; });
    if (!replaced) texts.emplace_back(text);
  }
  for (const auto& [name, value] : spec.env) {
    texts.push_back(std::string(name).append("=").append(value));
  }
  return texts;
}

}  // namespace

ChildProcess::ChildProcess(EpollLoop& loop, ChildSpec spec, Done done)
    : loop_(loop), spec_(std::move(spec)), done_(std::move(done)) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    Kill();
    waitpid(pid_, nullptr, 0);
  }
  CloseAll();
  Wipe(text_);
}

void ChildProcess::Start() {
  if (Result<void> spawned = Spawn(); !spawned) {
    return Finish(unexpected<Error>(std::move(spawned.error())));
  }
  loop_.Watch(output_, EPOLLIN, [this](std::uint32_t) { OnOutput(); });
  loop_.Watch(exit_, EPOLLIN, [this](std::uint32_t) { OnExit(); });
  timer_ = loop_.After(spec_.timeout, [this] {
    timer_ = 0;
    Finish(Fail(ErrorCode::kTimeout,
                "it did not end within " + std::to_string(spec_.timeout.count()) + " ms"));
  });
}

Result<void> ChildProcess::Spawn() {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return FromErrno("make a pipe", errno);
  output_ = ends[0];
  fcntl(output_, F_SETFL, O_NONBLOCK);
  const SpawnSettings settings(spec_, ends[1]);
  const Pointers arguments(Arguments(spec_));
  const Pointers environment(Environment(spec_));
  pid_t pid = -1;
  const int failure = posix_spawnp(&pid, spec_.command.c_str(), settings.files(),
                                   settings.attributes(), arguments.get(), environment.get());
  close(ends[1]);
  if (failure != 0) return FromErrno("it cannot be started", failure);
  pid_ = pid;
  exit_ = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));  // close-on-exec by itself
  if (exit_ < 0) return FromErrno("it cannot be waited for", errno);
  return {};
}

void ChildProcess::OnOutput() {
  std::array<char, 16UL * 1024> bytes{};
  while (output_ >= 0) {
    const ssize_t got = read(output_, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) {
      loop_.Unwatch(output_);
      close(std::exchange(output_, -1));
      break;
    }
    text_.append(bytes.data(), static_cast<std::size_t>(got));
    if (text_.size() > spec_.output_bytes_max) {
      return Finish(
          Fail(ErrorCode::kInvalid,
               "it printed more than " + std::to_string(spec_.output_bytes_max) + " bytes"));
    }
  }
}

void ChildProcess::OnExit() {
  OnOutput();  // what is still in the pipe; whoever else holds its other end is not waited for
  if (pid_ <= 0) return;
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  if (WIFSIGNALED(status)) {
    return Finish(Fail(ErrorCode::kUnavailable,
                       "it was ended by signal " + std::to_string(WTERMSIG(status))));
  }
  if (WEXITSTATUS(status) != 0) {
    return Finish(Fail(ErrorCode::kUnavailable,
                       "it ended with exit code " + std::to_string(WEXITSTATUS(status))));
  }
  Finish(std::move(text_));
}

void ChildProcess::Kill() const { kill(spec_.interactive ? pid_ : -pid_, SIGKILL); }

void ChildProcess::CloseAll() {
  loop_.Cancel(std::exchange(timer_, 0));
  for (int* const fd : {&output_, &exit_}) {
    if (*fd < 0) continue;
    loop_.Unwatch(*fd);
    close(std::exchange(*fd, -1));
  }
}

void ChildProcess::Finish(Result<std::string> result) {
  if (pid_ > 0) {
    Kill();
    waitpid(std::exchange(pid_, -1), nullptr, 0);
  }
  CloseAll();
  done_(std::move(result));
}

}  // namespace ffdl::k8s
