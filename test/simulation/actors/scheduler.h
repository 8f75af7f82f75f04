#pragma once

#include <chrono>
#include <set>
#include <string>

#include "test/simulation/actors/role.h"

namespace ffdl::simulation {

// Gives each pod a node.
class Scheduler {
 public:
  // Every pod first waits so long, and says why; zero for a cluster with room.
  Scheduler(Stage& stage, std::chrono::seconds capacity_missing);

  void NodeIsGone(const std::string& node) { gone_.insert(node); }

 private:
  void OnCommit(const Commit& commit);
  void Bind(const k8s::ObjectKey& key, const std::string& uid);
  void SayWhyNot(const k8s::ObjectKey& key, const std::string& uid);

  Role role_;
  const std::chrono::seconds capacity_missing_;
  std::set<std::string> gone_;
};

}  // namespace ffdl::simulation
