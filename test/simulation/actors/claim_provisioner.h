#pragma once

#include <string>

#include "test/simulation/actors/role.h"

namespace ffdl::simulation {

// Binds claims, and lets one that is deleted go only when no pod uses it any more.
class ClaimProvisioner {
 public:
  explicit ClaimProvisioner(Stage& stage);

 private:
  void OnCommit(const Commit& commit);
  void Bind(const k8s::ObjectKey& key, const std::string& uid);
  void MaybeLetGo(const k8s::ObjectKey& key, const std::string& uid);

  Role role_;
};

}  // namespace ffdl::simulation
