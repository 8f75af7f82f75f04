// What every actor of the cluster has in common: a name to write under, and time that passes before
// it acts.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "k8s-client/runtime/random.h"
#include "test/simulation/server/api_server.h"
#include "test/simulation/trace.h"
#include "test/support/virtual_time.h"

namespace ffdl::simulation {

// Where all actors of a run play. All borrowed.
struct Stage {
  test::VirtualTime& time;
  test::VirtualLoop& loop;
  ApiServer& api;
  k8s::Random& random;
  Trace& trace;
};

class Role {
 public:
  Role(Stage& stage, std::string name)
      : stage_(stage), writer_{.name = name, .manager = std::move(name)} {}

  [[nodiscard]] Stage& stage() { return stage_; }
  [[nodiscard]] StoredPtr Find(const Kind& kind, const k8s::ObjectKey& key) const {
    return stage_.api.log().Find(kind, key);
  }
  // Null when the object is gone, or has a successor.
  [[nodiscard]] StoredPtr Find(const Kind& kind, const k8s::ObjectKey& key,
                               const std::string& uid) const;

  // Some time within these bounds from now.
  void Within(std::chrono::milliseconds lowest, std::chrono::milliseconds highest,
              std::function<void()> work);

  Answer Create(const Kind& kind, const Json& body);
  Answer Patch(const Kind& kind, const k8s::ObjectKey& key, const Json& patch);
  Answer PatchStatus(const Kind& kind, const k8s::ObjectKey& key, const Json& status);
  Answer Delete(const Kind& kind, const k8s::ObjectKey& key, const DeleteOptions& options);

 private:
  Answer Told(std::string_view verb, const Kind& kind, const k8s::ObjectKey& key, Answer answer);

  Stage& stage_;
  const Writer writer_;
};

// The uid of the owner that controls the object; "" without one.
[[nodiscard]] std::string ControllerUid(const Json& object);
[[nodiscard]] bool IsBeingDeleted(const Json& object);
// The number after the last dash of a pod's name.
[[nodiscard]] int OrdinalOf(const std::string& pod);

}  // namespace ffdl::simulation
