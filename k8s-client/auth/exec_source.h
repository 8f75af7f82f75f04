#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "k8s-client/auth/child_process.h"
#include "k8s-client/auth/exec_plugin.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/meta/time.h"
#include "k8s-client/net/epoll_loop.h"

namespace ffdl::k8s {

struct ExecSourceOptions {
  std::chrono::milliseconds timeout{60'000};  // of one run; a person at a terminal gets as long
  std::chrono::milliseconds failure_holds{5'000};  // so long nothing is run again after a failure
};

// Runs the credential plugin of a kubeconfig when a credential is needed, and keeps what it gives.
// One for all transports of a process, so that the plugin never runs twice at once: it may open a
// browser. Has a thread of its own, on which nothing ever blocks. Thread-safe.
class ExecSource {
 public:
  // Never null when given out; compared by address to tell one run's credential from another's.
  using Credential = std::shared_ptr<const ExecCredential>;
  using Done = std::function<void(Result<Credential>)>;

  // Borrows the clock, which says when a credential has expired.
  [[nodiscard]] static Result<std::shared_ptr<ExecSource>> Start(ExecPlugin plugin,
                                                                 const Clock& clock,
                                                                 ExecSourceOptions options = {});
  // Ends a run under way. Not to be called from a `done`.
  ~ExecSource();
  ExecSource(const ExecSource&) = delete;
  ExecSource& operator=(const ExecSource&) = delete;

  // Whether `credential` (null for none) has to be replaced before it is used again.
  [[nodiscard]] bool IsStale(const Credential& credential) const;

  // Gives a credential other than `used`: the one that somebody got meanwhile, or that of a run of
  // the plugin, which is begun unless one is under way. `done` runs on a thread of this object.
  // Errors name the plugin.
  void Refresh(const Credential& used, Done done);

 private:
  ExecSource(ExecPlugin plugin, const Clock& clock, ExecSourceOptions options,
             std::unique_ptr<EpollLoop> loop);
  void Ask(const Credential& used, Done done);
  void Run();
  void OnEnd(Result<std::string> output);
  [[nodiscard]] Error Explain(Error cause) const;

  const ExecPlugin plugin_;
  const Clock& clock_;
  const ExecSourceOptions options_;

  // On the loop's thread.
  Credential credential_;
  std::vector<Done> waiting_;
  std::unique_ptr<ChildProcess> run_;
  Error failure_;
  std::chrono::nanoseconds failure_holds_until_{0};

  std::unique_ptr<EpollLoop> owned_loop_;  // last: its thread uses all of the above
  EpollLoop& loop_;
};

}  // namespace ffdl::k8s
