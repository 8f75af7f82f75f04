// One operator process: the real Manager on three model transports.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "k8s-client/runtime/metrics.h"
#include "k8s-client/runtime/random.h"
#include "operator/controller/manager.h"
#include "test/simulation/transport.h"

namespace ffdl::simulation {

class Process final : public Victim {
 public:
  // Borrows the network and the frontend. `ended` is called, later and once, when it is dead.
  Process(Network& network, Frontend& frontend, std::string name, const server::Options& options,
          std::uint64_t seed, std::function<void(bool next_to_lagging)> ended);

  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] bool alive() const override { return alive_; }
  void Crash(bool next_to_lagging) override;
  void Pause() override;
  void StopInOrder() override;
  [[nodiscard]] std::chrono::milliseconds lease_duration() const override {
    return options_.lease_duration;
  }

  // Whether it is frozen now.
  [[nodiscard]] bool paused() const { return paused_; }

 private:
  void Resume();

  Network& network_;
  const std::string name_;
  const server::Options options_;
  const std::function<void(bool)> ended_;
  bool alive_ = true;
  bool paused_ = false;
  bool stopping_ = false;
  k8s::Random random_;
  k8s::Metrics metrics_;
  ModelTransport lease_;
  ModelTransport watches_;
  ModelTransport requests_;
  std::unique_ptr<server::Manager> manager_;
};

}  // namespace ffdl::simulation
