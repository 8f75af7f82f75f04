#include "test/simulation/process.h"

#include <fmt/format.h>

#include <utility>

#include "test/simulation/scenario.h"

namespace ffdl::simulation {

Process::Process(Network& network, Frontend& frontend, std::string name,
                 const server::Options& options, std::uint64_t seed,
                 std::function<void(bool next_to_lagging)> ended)
    : network_(network),
      name_(std::move(name)),
      options_(options),
      ended_(std::move(ended)),
      random_(seed),
      lease_(network, frontend, *this),
      watches_(network, frontend, *this),
      requests_(network, frontend, *this) {
  k8s::Log log = k8s::NoLog();
  if (network.trace.records()) {
    log = [this](k8s::LogLevel, std::string_view line) {
      if (alive_) network_.trace.Line(name_, "| {}", line);
    };
  }
  manager_ = std::make_unique<server::Manager>(
      options_, server::Manager::Host{.name = name_, .ns = kOperatorsNamespace},
      server::Manager::Transports{.lease = lease_, .watches = watches_, .requests = requests_},
      k8s::RuntimeContext{
          .clock = network.time, .random = random_, .metrics = metrics_, .log = std::move(log)},
      [this] { return fmt::format("{:064x}", random_.Next()); });
  network_.trace.Line(name_, "starts");
  manager_->Start([this] { Crash(/*next_to_lagging=*/false); });
}

void Process::Crash(bool next_to_lagging) {
  if (!alive_) return;
  alive_ = false;
  network_.trace.Line(name_, "ends");
  for (ModelTransport* const transport : {&lease_, &watches_, &requests_}) transport->Kill();
  // Its own code may be on the stack.
  network_.servers.Post([this, next_to_lagging] {
    manager_.reset();
    ended_(next_to_lagging);
  });
}

void Process::Pause() {
  if (!alive_ || std::exchange(paused_, true)) return;
  network_.trace.Line(name_, "freezes");
  for (ModelTransport* const transport : {&lease_, &watches_, &requests_}) {
    transport->loop().Pause();
  }
  network_.servers.After(options_.lease_duration * 3 / 2, [this] { Resume(); });
}

void Process::Resume() {
  paused_ = false;
  if (!alive_) return;
  network_.trace.Line(name_, "goes on");
  for (ModelTransport* const transport : {&lease_, &watches_, &requests_}) {
    transport->loop().Resume();
  }
}

void Process::StopInOrder() {
  if (!alive_ || std::exchange(stopping_, true)) return;
  network_.trace.Line(name_, "is told to stop");
  // From a loop of its own, as main does it.
  network_.servers.Post([this] {
    if (!alive_) return;
    manager_->Drain([this] {
      network_.servers.Post([this] {
        if (alive_) manager_->Release([this] { Crash(/*next_to_lagging=*/false); });
      });
    });
  });
}

}  // namespace ffdl::simulation
