#pragma once

#include <set>
#include <string>

#include "test/simulation/actors/role.h"

namespace ffdl::simulation {

// Makes of each StatefulSet (Parallel, OnDelete) its pods and claims, and counts them. Like the
// real one it may act on a StatefulSet as it was a moment ago, but never on another one of the same
// name.
class StatefulSetController {
 public:
  explicit StatefulSetController(Stage& stage);

 private:
  void OnCommit(const Commit& commit);
  void Wake(const k8s::ObjectKey& key);
  void Sync(const StoredPtr& seen);
  void SyncPod(const Stored& set, int ordinal);
  // Whether it is there; else it is tried again later.
  [[nodiscard]] bool MakeClaims(const Stored& set, int ordinal);
  [[nodiscard]] bool MakePod(const Stored& set, int ordinal);
  void Report(const Stored& seen);

  Role role_;
  std::set<k8s::ObjectKey> awake_;
};

}  // namespace ffdl::simulation
