#include "k8s-client/runtime/health.h"

#include <fmt/format.h>

#include <atomic>
#include <utility>

namespace ffdl::k8s {

struct Health::Pulse {
  Pulse(std::string loop_name, EventLoop& its_loop, const Clock& its_clock)
      : name(std::move(loop_name)), loop(its_loop), clock(its_clock) {}

  const std::string name;
  EventLoop& loop;
  const Clock& clock;
  std::atomic<std::int64_t> last_ns{0};
  std::atomic<bool> stopped{false};

  [[nodiscard]] std::chrono::seconds Age() const {
    const std::chrono::nanoseconds last{last_ns.load()};
    return std::chrono::duration_cast<std::chrono::seconds>(clock.Steady() - last);
  }
};

Health::~Health() {
  for (const auto& pulse : pulses_) pulse->stopped = true;
}

void Health::WatchLoop(std::string name, EventLoop& loop) {
  auto pulse = std::make_shared<Pulse>(std::move(name), loop, clock_);
  pulse->last_ns = clock_.Steady().count();
  {
    const std::scoped_lock lock(mutex_);
    pulses_.push_back(pulse);
  }
  loop.Post([pulse] { Tick(pulse); });
}

void Health::Tick(const std::shared_ptr<Pulse>& pulse) {
  if (pulse->stopped) return;
  pulse->last_ns = pulse->clock.Steady().count();
  pulse->loop.After(kTickEvery, [pulse] { Tick(pulse); });
}

void Health::AddAliveCheck(std::string name, std::function<std::string()> check) {
  const std::scoped_lock lock(mutex_);
  alive_checks_.emplace_back(std::move(name), std::move(check));
}

void Health::AddReadyCheck(std::string name, std::function<std::string()> check) {
  const std::scoped_lock lock(mutex_);
  ready_checks_.emplace_back(std::move(name), std::move(check));
}

Health::Report Health::Alive() const {
  Report report;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& pulse : pulses_) {
      const std::chrono::seconds age = pulse->Age();
      if (age < kTickAgeMax) {
        report.text += fmt::format("[+] loop {}\n", pulse->name);
      } else {
        report.ok = false;
        report.text += fmt::format("[-] loop {}: no tick for {} s\n", pulse->name, age.count());
      }
    }
  }
  Run(alive_checks_, report);
  return report;
}

Health::Report Health::Ready() const {
  Report report = Alive();
  Run(ready_checks_, report);
  return report;
}

void Health::Run(const Checks& checks, Report& report) const {
  Checks copy;
  {
    const std::scoped_lock lock(mutex_);
    copy = checks;
  }
  for (const auto& [name, check] : copy) {
    const std::string trouble = check();
    report.ok = report.ok && trouble.empty();
    report.text += trouble.empty() ? fmt::format("[+] {}\n", name)
                                   : fmt::format("[-] {}: {}\n", name, trouble);
  }
}

}  // namespace ffdl::k8s
