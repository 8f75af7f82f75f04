// What the model knows of each kind: where it is served and how the server treats it.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

namespace ffdl::simulation {

using Json = nlohmann::json;

struct Kind {
  std::string_view group;
  std::string_view version;
  std::string_view name;    // "StatefulSet"
  std::string_view plural;  // "statefulsets"
  bool has_status = false;  // a status subresource of its own
  bool has_generation = false;
  bool is_watched = true;  // by somebody in a simulation

  // "statefulsets.apps", as the server's messages name it.
  [[nodiscard]] std::string QualifiedName() const;
};

extern const Kind kPods;
extern const Kind kServices;
extern const Kind kSecrets;
extern const Kind kConfigMaps;
extern const Kind kClaims;
extern const Kind kStatefulSets;
extern const Kind kTrainingJobs;
extern const Kind kNetworkPolicies;
extern const Kind kDisruptionBudgets;
extern const Kind kLeases;
extern const Kind kEvents;

[[nodiscard]] std::span<const Kind* const> AllKinds();

// Null for a kind that is not served.
[[nodiscard]] const Kind* FindKind(std::string_view group, std::string_view plural);

// What the server adds to an object when it is created: defaults of the CRD and of built-in kinds,
// finalizers of admission plugins; only those that the operator or an actor can notice.
void SetDefaults(const Kind& kind, Json& object);

// The field that identifies the items of a list of this name; "" for lists that are replaced whole.
[[nodiscard]] std::string_view ListKeyOf(std::string_view list);

}  // namespace ffdl::simulation
