#pragma once

#include <cstddef>
#include <string>

#include "test/e2e/harness/cluster_api.h"
#include "test/simulation/scenario.h"

namespace ffdl::e2e {

// Whether a real cluster can play the scenario: it neither evicts pods at a given moment, nor loses
// a node, nor lacks room for a while.
[[nodiscard]] bool CanBePlayed(const simulation::Scenario& scenario);

// The spec of a simulated job such that its learners meet on a real node what the scenario's fate
// holds for them: in a tenth of the time, and once all of an attempt have started.
[[nodiscard]] Json RealSpec(const simulation::Scenario& scenario, Json spec);

// Plays the steps of a scenario with one job of a namespace, as simulation::User does: each once
// the job looks as it must.
class ClusterUser {
 public:
  // Borrows the API and the scenario.
  ClusterUser(ClusterApi& api, const simulation::Scenario& scenario, std::string ns,
              std::string job);

  // Takes all the steps for which it is time.
  void MaybeAct();
  [[nodiscard]] bool done() const { return next_ == scenario_.steps.size(); }

 private:
  void Act(const simulation::Step& step);
  void EditObjects();

  ClusterApi& api_;
  const simulation::Scenario& scenario_;
  const std::string ns_;
  const std::string job_;
  std::size_t next_ = 0;
};

// Makes what the scenario needs before its users begin: a quota.
void SetScene(ClusterApi& api, const simulation::Scenario& scenario, const std::string& ns);

}  // namespace ffdl::e2e
