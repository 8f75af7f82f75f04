#pragma once

#include <memory>
#include <string>
#include <vector>

#include "test/simulation/actors/claim_provisioner.h"
#include "test/simulation/actors/garbage_collector.h"
#include "test/simulation/actors/kubelet.h"
#include "test/simulation/actors/scheduler.h"
#include "test/simulation/actors/stateful_set_controller.h"
#include "test/simulation/actors/user.h"
#include "test/simulation/oracle.h"
#include "test/simulation/process.h"
#include "test/simulation/run.h"

namespace ffdl::simulation {

// A cluster with operators in it, on one virtual clock.
class World {
 public:
  World(const RunSpec& spec, bool trace);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void Begin();
  void Pass(std::chrono::nanoseconds time) { time_.RunFor(time); }

  [[nodiscard]] std::chrono::nanoseconds now() const { return time_.Steady(); }
  [[nodiscard]] bool UsersAreDone() const;
  // When a user last acted or a fault last struck.
  [[nodiscard]] std::chrono::nanoseconds DisturbedAt() const;
  [[nodiscard]] const ApiServer& api() const { return api_; }
  [[nodiscard]] const Oracle& oracle() const { return *oracle_; }
  [[nodiscard]] const Injector& faults() const { return faults_; }
  [[nodiscard]] int wasted_writes() const { return network_.wasted_writes; }
  [[nodiscard]] Trace& trace() { return trace_; }
  [[nodiscard]] const server::Options& options() const { return options_; }

 private:
  void StartOperator(Frontend& frontend);
  void Replace(bool on_lagging);

  test::VirtualTime time_;
  test::VirtualLoop loop_{time_};
  k8s::Random random_;
  Trace trace_;
  Injector faults_;
  ApiServer api_{time_};
  Stage stage_{time_, loop_, api_, random_, trace_};
  Network network_{time_, loop_, random_, faults_, trace_};
  const server::Options options_;
  std::unique_ptr<Oracle> oracle_;
  std::vector<std::unique_ptr<Frontend>> frontends_;
  StatefulSetController sets_{stage_};
  GarbageCollector garbage_{stage_};
  ClaimProvisioner claims_{stage_};
  Scheduler scheduler_;
  Kubelet kubelet_;
  Quota quota_;
  std::vector<std::unique_ptr<User>> users_;
  const int replicas_;
  std::vector<std::unique_ptr<Process>> processes_;  // the dead ones, too
};

}  // namespace ffdl::simulation
