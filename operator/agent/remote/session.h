#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>

#include "operator/agent/environment.h"
#include "operator/agent/files.h"
#include "operator/agent/remote/connection.h"

namespace ffdl::agent {

struct SessionLimits {
  // Between proving oneself and saying what to run.
  std::chrono::milliseconds command{10'000};
  // How long output is awaited from what the command left behind, and has to be taken.
  std::chrono::milliseconds linger{1'000};
  std::chrono::milliseconds flush{5'000};
  // Between SIGTERM and SIGKILL, of what an asker who has gone leaves behind.
  std::chrono::milliseconds patience{5'000};
};

// One command that another learner asked for, from the first frame to the last. In a process of its
// own, which must be a subreaper and have SIGCHLD and kPassedSignals blocked: so all that the
// command starts stays below it, and goes with the connection.
class Session {
 public:
  // `mask` is what the command gets.
  Session(Connection connection, const Environment& environment, const sigset_t& mask,
          const SessionLimits& limits = {});

  void Run();

 private:
  [[nodiscard]] std::optional<std::string> AwaitCommand();
  [[nodiscard]] bool Start(const std::string& command);
  void Serve();
  void Wait();
  void Receive();
  void Take(const Frame& frame);
  void Forward(Fd& from, FrameType type);
  void Feed();
  void Flush();
  void TakeSignals();
  void Reap();
  void TellEnd();
  void EndAll();
  [[nodiscard]] bool OutputIsOver() const;

  Connection connection_;
  const Environment& environment_;
  sigset_t mask_;
  SessionLimits limits_;
  Fd signals_;
  Fd input_;
  Fd output_;
  Fd error_;
  std::string to_command_;  // bytes of its standard input
  std::string to_client_;   // whole frames
  bool input_ended_ = false;
  bool lost_ = false;  // the connection
  pid_t command_ = -1;
  std::optional<int> status_;
  std::optional<Deadline> linger_until_;
};

}  // namespace ffdl::agent
