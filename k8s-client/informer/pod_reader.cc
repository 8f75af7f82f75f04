#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "k8s-client/informer/fields.h"
#include "k8s-client/informer/readers.h"

namespace ffdl::k8s {
namespace {

bool ReadEnd(JsonValue value, Trouble& trouble, std::optional<ContainerEnd>& out) {
  if (IsNull(value)) return true;
  ContainerEnd& end = out.emplace();
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    if (key == "exitCode") return Read(field, trouble, end.exit_code);
    if (key == "signal") return Read(field, trouble, end.signal);
    if (key == "reason") return Read(field, trouble, end.reason);
    if (key == "message") return Read(field, trouble, end.message);
    if (key == "finishedAt") return Read(field, trouble, end.finished_at);
    return true;
  });
}

bool ReadWaiting(JsonValue value, Trouble& trouble, ContainerStatus& status) {
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    if (key == "reason") return Read(field, trouble, status.waiting_reason);
    if (key == "message") return Read(field, trouble, status.waiting_message);
    return true;
  });
}

bool ReadRunning(JsonValue value, Trouble& trouble, ContainerStatus& status) {
  if (IsNull(value)) return true;
  status.running = true;
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    return key == "startedAt" ? Read(field, trouble, status.started_at) : true;
  });
}

bool ReadState(JsonValue value, Trouble& trouble, ContainerStatus& status) {
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    if (key == "waiting") return ReadWaiting(field, trouble, status);
    if (key == "running") return ReadRunning(field, trouble, status);
    if (key == "terminated") return ReadEnd(field, trouble, status.terminated);
    return true;
  });
}

bool ReadLastState(JsonValue value, Trouble& trouble, ContainerStatus& status) {
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    return key == "terminated" ? ReadEnd(field, trouble, status.last_terminated) : true;
  });
}

bool ReadContainer(JsonValue value, Trouble& trouble, ContainerStatus& status) {
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    if (key == "name") return Read(field, trouble, status.name);
    if (key == "ready") return Read(field, trouble, status.ready);
    if (key == "state") return ReadState(field, trouble, status);
    if (key == "lastState") return ReadLastState(field, trouble, status);
    return true;
  });
}

bool ReadContainers(JsonValue value, Trouble& trouble, std::vector<ContainerStatus>& containers) {
  return ForEachElement(value, trouble, [&](JsonValue element) {
    return ReadContainer(element, trouble, containers.emplace_back());
  });
}

struct PodCondition {
  std::string type;
  std::string status;
  std::string reason;
  std::string message;
};

bool ReadCondition(JsonValue value, Trouble& trouble, PodCondition& condition) {
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    if (key == "type") return Read(field, trouble, condition.type);
    if (key == "status") return Read(field, trouble, condition.status);
    if (key == "reason") return Read(field, trouble, condition.reason);
    if (key == "message") return Read(field, trouble, condition.message);
    return true;
  });
}

// Of every pod, from the scheduler and the kubelet (core/v1 PodConditionType).
bool IsOrdinary(std::string_view condition) {
  constexpr std::array<std::string_view, 5> kOrdinary{"PodScheduled", "PodReadyToStartContainers",
                                                      "Initialized", "ContainersReady", "Ready"};
  return std::ranges::find(kOrdinary, condition) != kOrdinary.end();
}

void Keep(PodCondition condition, Pod& pod) {
  if (condition.type == "PodScheduled" && condition.status == "False") {
    pod.unscheduled_reason = std::move(condition.reason);
    pod.unscheduled_message = std::move(condition.message);
  }
  if (condition.status != "True" || IsOrdinary(condition.type)) return;
  if (condition.type == "DisruptionTarget") pod.disruption_reason = std::move(condition.reason);
  pod.conditions.push_back(std::move(condition.type));
}

bool ReadConditions(JsonValue value, Trouble& trouble, Pod& pod) {
  return ForEachElement(value, trouble, [&](JsonValue element) {
    PodCondition condition;
    if (!ReadCondition(element, trouble, condition)) return false;
    Keep(std::move(condition), pod);
    return true;
  });
}

bool ReadStatus(JsonValue value, Trouble& trouble, Pod& pod) {
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    if (key == "phase") return Read(field, trouble, pod.phase);
    if (key == "reason") return Read(field, trouble, pod.reason);
    if (key == "message") return Read(field, trouble, pod.message);
    if (key == "conditions") return ReadConditions(field, trouble, pod);
    if (key == "containerStatuses") return ReadContainers(field, trouble, pod.containers);
    if (key == "initContainerStatuses") return ReadContainers(field, trouble, pod.init_containers);
    return true;
  });
}

bool ReadSpec(JsonValue value, Trouble& trouble, Pod& pod) {
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    return key == "nodeName" ? Read(field, trouble, pod.node) : true;
  });
}

}  // namespace

Result<Pod> ReadPod(PaddedJson json) {
  Result<Pod> pod =
      ReadWhole<Pod>(json, [](std::string_view key, JsonValue value, Trouble& trouble, Pod& out) {
        if (key == "spec") return ReadSpec(value, trouble, out);
        if (key == "status") return ReadStatus(value, trouble, out);
        return true;
      });
  if (pod) {
    // Growing doubled the capacity; thousands of pods stay in memory.
    pod->containers.shrink_to_fit();
    pod->init_containers.shrink_to_fit();
  }
  return pod;
}

}  // namespace ffdl::k8s
