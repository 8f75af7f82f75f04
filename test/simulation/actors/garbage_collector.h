#pragma once

#include <string>

#include "test/simulation/actors/role.h"

namespace ffdl::simulation {

// Deletes, after a while, what is owned by an object that is gone.
class GarbageCollector {
 public:
  explicit GarbageCollector(Stage& stage);

 private:
  void OnCommit(const Commit& commit);
  void Collect(const Kind& kind, const k8s::ObjectKey& key, const std::string& uid);

  Role role_;
};

}  // namespace ffdl::simulation
