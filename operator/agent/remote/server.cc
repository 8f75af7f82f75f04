#include "operator/agent/remote/server.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "operator/agent/remote/connection.h"
#include "operator/agent/remote/processes.h"
#include "operator/agent/remote/session.h"
#include "operator/agent/supervisor.h"

namespace ffdl::agent {
namespace {

bool AsksToStop(int signal) { return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT; }

class Server {
 public:
  Server(const Fd& listener, const std::string& key, const Environment& environment,
         const sigset_t& mask, const ServerLimits& limits)
      : listener_(listener), key_(key), environment_(environment), mask_(mask), limits_(limits) {
    sigset_t watched;
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    for (const int signal : kPassedSignals) sigaddset(&watched, signal);
    signals_ = Fd(signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC));
  }

  int Run() {
    bool told_rest = false;
    while (stop_ == 0 || children_) {
      const bool full = sessions_.size() >= limits_.sessions;
      std::array<pollfd, 2> polled{
          pollfd{.fd = signals_.get(), .events = POLLIN, .revents = 0},
          pollfd{.fd = stop_ != 0 || full ? -1 : listener_.get(), .events = POLLIN, .revents = 0}};
      if (poll(polled.data(), polled.size(), -1) < 0) continue;
      if (polled[1].revents != 0) Admit();
      TakeSignals();
      Reap();
      // What sessions left behind by themselves, such as daemons.
      if (stop_ != 0 && sessions_.empty() && children_ && !std::exchange(told_rest, true)) {
        SignalDescendants(stop_);
      }
    }
    return stop_;
  }

 private:
  void Admit() {
    Fd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.valid()) return;
    const pid_t session = fork();
    if (session == 0) {
      RunSession(std::move(socket));
      _exit(0);
    }
    if (session > 0) {
      sessions_.push_back(session);
      children_ = true;
    }
  }

  void RunSession(Fd socket) const {
    prctl(PR_SET_CHILD_SUBREAPER, 1);  // NOLINT(cppcoreguidelines-pro-type-vararg)
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // NOLINT(cppcoreguidelines-pro-type-vararg)
    auto connection = Accept(std::move(socket), key_, Deadline::clock::now() + limits_.proof);
    if (!connection) return;
    Session(std::move(*connection), environment_, mask_).Run();
  }

  void TakeSignals() {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
      const int signal = static_cast<int>(info.ssi_signo);
      if (signal == SIGCHLD) continue;
      if (AsksToStop(signal) && stop_ == 0) stop_ = signal;
      for (const pid_t session : sessions_) kill(session, signal);
    }
  }

  void Reap() {
    pid_t pid = 0;
    while ((pid = waitpid(-1, nullptr, WNOHANG)) > 0) std::erase(sessions_, pid);
    children_ = pid == 0;
  }

  const Fd& listener_;
  const std::string& key_;
  const Environment& environment_;
  const sigset_t& mask_;
  const ServerLimits limits_;
  Fd signals_;
  std::vector<pid_t> sessions_;
  bool children_ = false;  // whether any process is left below this one
  int stop_ = 0;
};

}  // namespace

int ServePeers(const Fd& listener, const std::string& key, const Environment& environment,
               const sigset_t& mask, const ServerLimits& limits) {
  return Server(listener, key, environment, mask, limits).Run();
}

}  // namespace ffdl::agent
