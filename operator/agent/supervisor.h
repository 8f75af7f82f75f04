#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <csignal>
#include <functional>
#include <optional>

#include "operator/agent/progress.h"
#include "operator/agent/relay.h"
#include "operator/agent/training_log.h"

namespace ffdl::agent {

// Signals that are passed on to the program.
inline constexpr std::array kPassedSignals{SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

struct SupervisorLimits {
  // How long output is awaited from what the program left behind.
  std::chrono::milliseconds linger{1000};
  // How long our readers have for what is there by then.
  std::chrono::milliseconds flush{5000};
  // How long a program that hangs has between SIGABRT, at which many write where they are, and
  // SIGKILL.
  std::chrono::milliseconds abort{10000};
};

// Waits for a program and all that it leaves behind, passing on signals and output. Needs SIGCHLD
// and kPassedSignals blocked, and the process to be PID 1 or a subreaper.
class Supervisor {
 public:
  Supervisor(pid_t program, std::array<Relay, 2> relays, const SupervisorLimits& limits = {});

  // Has the program's progress watched. `tell` hears each time that it begins to hang or gets on
  // again. Borrows `progress`.
  void Watch(ProgressWatch& progress, std::function<void(bool hung)> tell);

  // The wait status of the program.
  [[nodiscard]] int Run();

  // Whether Run ended the program because it made no progress.
  [[nodiscard]] bool ended_hung() const { return kill_at_.has_value(); }

 private:
  [[nodiscard]] bool Finished(Clock::time_point now);
  [[nodiscard]] int PollTimeout(Clock::time_point now) const;
  void Wait(int timeout);
  void TakeSignals();
  void Reap();
  void PassStopToOrphans();
  [[nodiscard]] bool GroupIsEmpty() const;
  void JudgeProgress(Clock::time_point now);
  void EndHung(Clock::time_point now);

  pid_t program_;
  std::array<Relay, 2> relays_;
  SupervisorLimits limits_;
  Fd signals_;
  int last_signal_ = 0;  // the last one passed on
  std::optional<int> status_;
  bool awaits_group_ = false;
  std::optional<Clock::time_point> linger_until_;
  ProgressWatch* progress_ = nullptr;
  std::function<void(bool)> tell_hang_;
  bool hangs_ = false;
  std::optional<Clock::time_point> kill_at_;  // of a program that was told to abort
};

}  // namespace ffdl::agent
