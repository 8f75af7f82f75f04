// Value types of the built-in kinds that a training controller reads. Each holds what planners look
// at and nothing else; the readers that fill them are in k8s-client/informer/readers.h.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/time.h"

namespace ffdl::k8s {

// core/v1 ContainerStateTerminated.
struct ContainerEnd {
  std::int32_t exit_code = 0;
  std::int32_t signal = 0;
  std::string reason;   // "Completed", "Error", "OOMKilled", ...
  std::string message;  // the termination message, at most 4096 bytes (kubelet's limit)
  std::optional<Time> finished_at;

  friend bool operator==(const ContainerEnd&, const ContainerEnd&) = default;
};

// core/v1 ContainerStatus: exactly one of waiting, running and terminated is set once the kubelet
// spoke.
struct ContainerStatus {
  std::string name;
  bool running = false;
  bool ready = false;              // its readiness probe succeeds, or there is none and it runs
  std::optional<Time> started_at;  // of the running state
  std::string waiting_reason;      // "" unless waiting
  std::string waiting_message;
  std::optional<ContainerEnd> terminated;
  std::optional<ContainerEnd> last_terminated;  // the run before the present one

  friend bool operator==(const ContainerStatus&, const ContainerStatus&) = default;
};

struct Pod {
  ObjectMeta meta;
  std::string node;   // "" until scheduled
  std::string phase;  // Pending, Running, Succeeded, Failed, Unknown
  std::string reason;
  std::string message;             // of a pod that failed as a whole ("Evicted")
  std::string unscheduled_reason;  // reason and message of PodScheduled=False
  std::string unscheduled_message;
  std::string disruption_reason;  // of DisruptionTarget=True: who takes the pod away, "" for nobody
  // The types of all conditions that are True, but for those that tell how far an ordinary pod is.
  std::vector<std::string> conditions;
  std::vector<ContainerStatus> init_containers;
  std::vector<ContainerStatus> containers;

  friend bool operator==(const Pod&, const Pod&) = default;
};

struct StatefulSet {
  ObjectMeta meta;
  std::int32_t replicas = 0;  // of spec
  Labels template_labels;

  friend bool operator==(const StatefulSet&, const StatefulSet&) = default;
};

struct Service {
  ObjectMeta meta;
  Labels selector;
  bool publishes_not_ready = false;  // spec.publishNotReadyAddresses

  friend bool operator==(const Service&, const Service&) = default;
};

struct Claim {
  ObjectMeta meta;
  std::string phase;  // Pending, Bound, Lost

  friend bool operator==(const Claim&, const Claim&) = default;
};

// A NetworkPolicy or a PodDisruptionBudget: little but its spec, which is compared as a whole.
struct Policy {
  ObjectMeta meta;
  nlohmann::json spec = nlohmann::json::object();

  friend bool operator==(const Policy&, const Policy&) = default;
};

struct ConfigMap {
  ObjectMeta meta;
  Labels data;

  friend bool operator==(const ConfigMap&, const ConfigMap&) = default;
};

}  // namespace ffdl::k8s
