#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "k8s-client/meta/time.h"
#include "k8s-client/net/event_loop.h"

namespace ffdl::k8s {

// Answers the two questions of a kubelet: is this process alive (do its loops turn), and is it
// ready (have its caches been filled once). A standby is ready as well. Neither answer depends on
// the API server being up: restarting us would not help it. Thread-safe.
class Health {
 public:
  static constexpr std::chrono::seconds kTickEvery{2};
  static constexpr std::chrono::seconds kTickAgeMax{10};

  struct Report {
    bool ok = true;
    std::string text;  // one line a check: "[+] loop watch" or "[-] loop watch: no tick for 12 s"
  };

  // Borrows.
  explicit Health(const Clock& clock) : clock_(clock) {}
  ~Health();
  Health(const Health&) = delete;
  Health& operator=(const Health&) = delete;

  // Lets `loop` tick from now on. The loop must outlive this object.
  void WatchLoop(std::string name, EventLoop& loop);

  // `check` returns "" when it is met, else why not. Called by Alive or Ready, on the caller's
  // thread.
  void AddAliveCheck(std::string name, std::function<std::string()> check);
  void AddReadyCheck(std::string name, std::function<std::string()> check);

  [[nodiscard]] Report Alive() const;
  [[nodiscard]] Report Ready() const;  // Alive is part of it

 private:
  using Checks = std::vector<std::pair<std::string, std::function<std::string()>>>;
  void Run(const Checks& checks, Report& report) const;

  struct Pulse;  // shared with the loop's timer, which may outlive this object by one tick
  static void Tick(const std::shared_ptr<Pulse>& pulse);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Pulse>> pulses_;
  Checks alive_checks_;
  Checks ready_checks_;
};

}  // namespace ffdl::k8s
