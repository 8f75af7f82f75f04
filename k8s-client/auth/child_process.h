#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "k8s-client/meta/result.h"
#include "k8s-client/net/epoll_loop.h"

namespace ffdl::k8s {

struct ChildSpec {
  std::string command;  // looked up in $PATH unless it has a "/"
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;  // added to ours, or in the place of ours
  // Shares our standard input and terminal; else it reads nothing and is a process group of its
  // own.
  bool interactive = false;
  std::size_t output_bytes_max = 1024UL * 1024;
  std::chrono::milliseconds timeout{60'000};
};

// A program that is run for what it prints: no shell, no descriptor of ours but standard input and
// error, no signals blocked. Never blocks the loop. Everything on the loop's thread.
class ChildProcess {
 public:
  using Done = std::function<void(Result<std::string>)>;

  // Borrows the loop. `done` gets what was printed when the program has ended with 0, an error that
  // says what else happened otherwise; it is called once, possibly from within Start, and must not
  // destroy the object.
  ChildProcess(EpollLoop& loop, ChildSpec spec, Done done);
  // Kills what still runs; `done` is not called then.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void Start();

 private:
  [[nodiscard]] Result<void> Spawn();
  void OnOutput();
  void OnExit();
  void Kill() const;
  void CloseAll();
  void Finish(Result<std::string> result);

  EpollLoop& loop_;
  const ChildSpec spec_;
  const Done done_;
  pid_t pid_ = -1;
  int exit_ = -1;    // readable when the process has ended
  int output_ = -1;  // our end of its standard output
  EventLoop::TimerId timer_ = 0;
  std::string text_;
};

}  // namespace ffdl::k8s
