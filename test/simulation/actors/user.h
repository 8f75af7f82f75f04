#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "test/simulation/actors/role.h"
#include "test/simulation/scenario.h"

namespace ffdl::simulation {

// Refuses to create objects of one kind until it is lifted.
class Quota {
 public:
  Quota(ApiServer& api, std::string_view plural);
  void Lift() { lifted_ = true; }

 private:
  bool lifted_ = false;
};

// Plays the steps of a scenario with one job: each once the job looks as it must, and some time
// later.
class User {
 public:
  // Borrows the scenario and the quota.
  User(Stage& stage, const Scenario& scenario, std::string job, Quota& quota);

  void Begin() { MaybeAct(); }
  [[nodiscard]] bool done() const { return next_ == scenario_.steps.size(); }
  // When the last step was taken.
  [[nodiscard]] std::chrono::nanoseconds acted_at() const { return acted_at_; }

 private:
  void MaybeAct();
  void Act(const Step& step);
  void Publish(const Json& catalogue);
  [[nodiscard]] bool Sees(Sight sight);

  Role role_;
  const Scenario& scenario_;
  const k8s::ObjectKey job_;
  const k8s::ObjectKey foreign_;
  const k8s::ObjectKey learners_;
  const k8s::ObjectKey guard_;
  Quota& quota_;
  std::size_t next_ = 0;
  bool about_to_act_ = false;
  std::chrono::nanoseconds acted_at_{0};
};

}  // namespace ffdl::simulation
