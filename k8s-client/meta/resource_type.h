#pragma once

#include <string_view>

namespace ffdl::k8s {

// Where a kind is served. All members point at constants.
struct ResourceType {
  std::string_view group;  // empty for the core group
  std::string_view version;
  std::string_view kind;    // "StatefulSet"
  std::string_view plural;  // "statefulsets", as in the URL and in RBAC

  friend bool operator==(const ResourceType&, const ResourceType&) = default;
};

inline constexpr ResourceType kPodType{"", "v1", "Pod", "pods"};
inline constexpr ResourceType kServiceType{"", "v1", "Service", "services"};
inline constexpr ResourceType kClaimType{"", "v1", "PersistentVolumeClaim",
                                         "persistentvolumeclaims"};
inline constexpr ResourceType kSecretType{"", "v1", "Secret", "secrets"};
inline constexpr ResourceType kConfigMapType{"", "v1", "ConfigMap", "configmaps"};
inline constexpr ResourceType kStatefulSetType{"apps", "v1", "StatefulSet", "statefulsets"};
inline constexpr ResourceType kNetworkPolicyType{"networking.k8s.io", "v1", "NetworkPolicy",
                                                 "networkpolicies"};
inline constexpr ResourceType kDisruptionBudgetType{"policy", "v1", "PodDisruptionBudget",
                                                    "poddisruptionbudgets"};
inline constexpr ResourceType kLeaseType{"coordination.k8s.io", "v1", "Lease", "leases"};
inline constexpr ResourceType kEventType{"events.k8s.io", "v1", "Event", "events"};

}  // namespace ffdl::k8s
