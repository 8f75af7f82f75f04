#include "test/unit/operator/agent/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace ffdl::agent::test {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::array<int, 2> MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  return ends;
}

// False when it is closed now.
bool ReadInto(int& fd, std::string& text) {
  std::array<char, 65536> buffer{};
  const ssize_t count = read(fd, buffer.data(), buffer.size());
  if (count > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }
  close(fd);
  fd = -1;
  return false;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string path = (std::filesystem::temp_directory_path() / "ffdl-test-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = path;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::Path(const std::string& name) const { return (path_ / name).string(); }

std::string TemporaryFolder::Write(const std::string& name, const std::string& content) const {
  std::filesystem::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << content;
  return Path(name);
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Process::Process(const ProcessOptions& options) {
  std::vector<std::string> arguments = options.command;
  std::vector<std::string> environment = {"PATH=/usr/local/bin:/usr/bin:/bin"};
  for (const auto& [name, value] : options.environment)
    environment.push_back(std::string(name).append("=").append(value));
  const std::array<int, 2> output = MakePipe();
  const std::array<int, 2> error = MakePipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, error[1], STDERR_FILENO);
  const int failed = posix_spawn(&pid_, arguments[0].c_str(), &actions, nullptr,
                                 Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  close(output[1]);
  close(error[1]);
  output_fd_ = output[0];
  error_fd_ = error[0];
  if (failed != 0) throw std::runtime_error("cannot start " + arguments[0]);
}

Process::~Process() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (output_fd_ >= 0) close(output_fd_);
  if (error_fd_ >= 0) close(error_fd_);
}

void Process::Signal(int signal) const { kill(pid_, signal); }

void Process::CloseOutput() {
  close(output_fd_);
  output_fd_ = -1;
}

bool Process::ReadSome() {
  std::array<pollfd, 2> polled{pollfd{.fd = output_fd_, .events = POLLIN, .revents = 0},
                               pollfd{.fd = error_fd_, .events = POLLIN, .revents = 0}};
  if (output_fd_ < 0 && error_fd_ < 0) return false;
  poll(polled.data(), polled.size(), -1);
  if (polled[0].revents != 0) ReadInto(output_fd_, output_);
  if (polled[1].revents != 0) ReadInto(error_fd_, error_);
  return true;
}

void Process::AwaitOutput(const std::string& text) {
  while (output_.find(text) == std::string::npos) {
    if (!ReadSome()) {
      ADD_FAILURE() << "ended without '" << text << "': " << output_ << error_;
      return;
    }
  }
}

void Process::AwaitError(const std::string& text) {
  while (error_.find(text) == std::string::npos) {
    if (!ReadSome()) {
      ADD_FAILURE() << "ended without '" << text << "': " << output_ << error_;
      return;
    }
  }
}

int Process::Wait() {
  while (ReadSome()) {
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace ffdl::agent::test
