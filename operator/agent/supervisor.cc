#include "operator/agent/supervisor.h"

#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ffdl::agent {
namespace {

sigset_t WatchedSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  for (const int signal : kPassedSignals) sigaddset(&set, signal);
  return set;
}

}  // namespace

Supervisor::Supervisor(pid_t program, std::array<Relay, 2> relays, const SupervisorLimits& limits)
    : program_(program), relays_(std::move(relays)), limits_(limits) {
  const sigset_t watched = WatchedSignals();
  signals_ = Fd(signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC));
}

int Supervisor::Run() {
  Reap();  // it may have ended before there was anybody to hear of it
  while (!Finished(Clock::now())) {
    Wait(PollTimeout(Clock::now()));
    TakeSignals();
    if (progress_ != nullptr && !status_) JudgeProgress(Clock::now());
  }
  return *status_;
}

bool Supervisor::Finished(Clock::time_point now) {
  if (awaits_group_ && GroupIsEmpty()) awaits_group_ = false;
  if (!status_ || awaits_group_) return false;
  if (std::all_of(relays_.begin(), relays_.end(),
                  [](const Relay& relay) { return relay.done(); })) {
    return true;
  }
  if (!linger_until_) linger_until_ = now + limits_.linger;
  if (now < *linger_until_) return false;
  for (Relay& relay : relays_) relay.ExpectEnd();
  return now >= *linger_until_ + limits_.flush;
}

void Supervisor::Watch(ProgressWatch& progress, std::function<void(bool)> tell) {
  progress_ = &progress;
  tell_hang_ = std::move(tell);
}

void Supervisor::JudgeProgress(Clock::time_point now) {
  if (const bool hung = progress_->IsHung(now); hung != hangs_ && !kill_at_) {
    hangs_ = hung;
    tell_hang_(hung);
  }
  if (hangs_ && progress_->options().end_when_hung) EndHung(now);
}

// All of its group, because what hangs is often a process of many.
void Supervisor::EndHung(Clock::time_point now) {
  if (!kill_at_) {
    kill_at_ = now + limits_.abort;
    kill(-program_, SIGABRT);
  } else if (now >= *kill_at_) {
    kill(-program_, SIGKILL);
  }
}

int Supervisor::PollTimeout(Clock::time_point now) const {
  if (!linger_until_) {
    const auto period = progress_ != nullptr ? progress_->period() : std::nullopt;
    return period && !status_ ? static_cast<int>(period->count()) : -1;
  }
  const Clock::time_point until =
      now < *linger_until_ ? *linger_until_ : *linger_until_ + limits_.flush;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

void Supervisor::Wait(int timeout) {
  std::array<pollfd, 3> polled{relays_[0].Interest(), relays_[1].Interest(),
                               pollfd{.fd = signals_.get(), .events = POLLIN, .revents = 0}};
  const bool draining = linger_until_ && Clock::now() >= *linger_until_;
  // While draining, pipes are read whatever poll() says: empty is their end then.
  const bool reads =
      draining && std::any_of(polled.begin(), polled.begin() + 2,
                              [](const pollfd& p) { return p.fd >= 0 && p.events == POLLIN; });
  if (poll(polled.data(), polled.size(), reads ? 0 : timeout) < 0) return;
  relays_[0].Ready(polled[0].revents);
  relays_[1].Ready(polled[1].revents);
}

void Supervisor::TakeSignals() {
  signalfd_siginfo info{};
  while (read(signals_.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGCHLD) {
      Reap();
    } else if (!status_) {
      last_signal_ = signal;
      kill(program_, signal);
    } else if (awaits_group_) {
      kill(-program_, signal);
    }
  }
}

void Supervisor::Reap() {
  int status = 0;
  pid_t pid = 0;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid != program_) continue;  // an orphan, left to us
    status_ = status;
    PassStopToOrphans();
  }
}

// A shell dies of SIGTERM without telling what it runs, which would then be killed without a chance
// to write a checkpoint. So what a signal of ours left behind gets the signal, too, and is waited
// for: as long as the kubelet's grace period allows.
void Supervisor::PassStopToOrphans() {
  const bool ended_by_ours = WIFSIGNALED(*status_) && WTERMSIG(*status_) == last_signal_;
  if (ended_by_ours && !GroupIsEmpty()) {
    awaits_group_ = true;
    kill(-program_, last_signal_);
  }
}

bool Supervisor::GroupIsEmpty() const { return kill(-program_, 0) != 0 && errno == ESRCH; }

}  // namespace ffdl::agent
