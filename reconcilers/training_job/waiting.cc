#include "reconcilers/training_job/waiting.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "crds/v1/conditions.h"
#include "crds/v1/names.h"
#include "reconcilers/training_job/gpu_types.h"
#include "reconcilers/training_job/image.h"
#include "reconcilers/training_job/stuck_pods.h"

namespace ffdl::training_job {
namespace {

namespace reason = v1::reason;

// The scheduler's first sentence; what follows (preemption) changes from try to try.
std::string_view FirstSentence(std::string_view text) {
  for (const std::string_view end : {std::string_view(" preemption:"), std::string_view(". ")}) {
    text = text.substr(0, text.find(end));
  }
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string ClaimNames(const v1::TrainingJob& job, const v1::RoleView& role) {
  std::vector<std::string> names;
  if (job.spec.code.claim) names.push_back(fmt::format("'{}'", job.spec.code.claim->name));
  if (job.spec.results) names.push_back(fmt::format("'{}'", job.spec.results->name));
  if (job.spec.storage.shared) {
    names.push_back(fmt::format("'{}'", v1::SharedClaimName(job.meta.key.name)));
  }
  if (job.spec.storage.per_learner) {
    names.push_back(
        fmt::format("'ffdl-storage-{}-...'", v1::RoleSetName(job.meta.key.name, role.name)));
  }
  return names.empty() ? "of the pod template" : fmt::format("{}", fmt::join(names, ", "));
}

std::string NameOf(const Pass& pass, const Learner& learner) {
  return v1::LearnerName(pass.roles, learner.id);
}

// The field that says what the learners of a role need.
std::string ResourcesField(const v1::RoleView& role) {
  if (role.own == nullptr || !role.own->resources) return "spec.resources";
  return fmt::format("spec.roles[{}].resources", role.index);
}

std::string OfType(const v1::RoleView& role) {
  const std::string& type = role.resources->gpu_type;
  return type.empty() ? "" : fmt::format(" of type '{}'", type);
}

// Nodes that have no GPUs of the type at all lack its labels, too.
bool WaitsForGpus(const Pass& pass, const v1::RoleView& role, std::string_view said) {
  return Contains(said, "Insufficient " + GpuResource(pass.job, role, pass.settings)) ||
         (!role.resources->gpu_type.empty() && Contains(said, "node affinity/selector"));
}

Obstacle Unschedulable(const Pass& pass, const Learner& learner) {
  const std::string_view said = FirstSentence(learner.pod->unscheduled_message);
  const v1::RoleView& role = pass.roles.Of(learner.id);
  if (WaitsForGpus(pass, role, said)) {
    return {reason::kWaitingForGpus,
            fmt::format("{} waits for {} `{}`{}: {}; lower `{}.gpus`, add nodes "
                        "with GPUs, or wait until some are free",
                        NameOf(pass, learner), role.resources->gpus,
                        GpuResource(pass.job, role, pass.settings), OfType(role), said,
                        ResourcesField(role))};
  }
  if (Contains(said, "persistentvolumeclaim") || Contains(said, "PersistentVolumeClaim") ||
      Contains(said, "persistent volume")) {
    const bool missing = Contains(said, "not found");
    return {reason::kWaitingForVolume,
            fmt::format("{} waits for a volume: {}; {} (claims: {})", NameOf(pass, learner), said,
                        missing ? "create the claim, the learner then starts by itself"
                                : "see why with kubectl describe pvc",
                        ClaimNames(pass.job, role))};
  }
  const std::vector<std::string>& avoided = pass.job.status.avoided_nodes;
  return {
      reason::kWaitingForCapacity,
      fmt::format("{} fits on no node{}: {}; lower `{}`, add nodes, or wait", NameOf(pass, learner),
                  avoided.empty() ? ""
                                  : fmt::format(" but {}, where learners were lost twice",
                                                fmt::join(avoided, ", ")),
                  said, ResourcesField(role))};
}

struct WaitingWord {
  std::string_view waiting_reason;  // of the kubelet, kubernetes pkg/kubelet/images and kuberuntime
  std::string_view reason;
  std::string_view advice;
};

constexpr std::string_view kEditWhileSuspended =
    "to change the job set `spec.suspend` to true, edit it, and set it to false again";

constexpr std::array kWaitingWords{
    WaitingWord{"ErrImagePull", reason::kLearnerImagePullFailed, kEditWhileSuspended},
    WaitingWord{"ImagePullBackOff", reason::kLearnerImagePullFailed, kEditWhileSuspended},
    WaitingWord{"ErrImageNeverPull", reason::kLearnerImagePullFailed, kEditWhileSuspended},
    WaitingWord{"InvalidImageName", reason::kLearnerImagePullFailed, kEditWhileSuspended},
    WaitingWord{"RegistryUnavailable", reason::kLearnerImagePullFailed, kEditWhileSuspended},
    WaitingWord{"CreateContainerConfigError", reason::kLearnerConfigInvalid,
                "create what is missing, the learner then starts by itself"},
    WaitingWord{"CreateContainerError", reason::kLearnerStartFailed, kEditWhileSuspended},
    WaitingWord{"RunContainerError", reason::kLearnerStartFailed, kEditWhileSuspended},
};

// Null for the words of an ordinary start.
const WaitingWord* FindWaitingWord(const k8s::ContainerStatus& container) {
  const auto* const word =
      std::ranges::find(kWaitingWords, container.waiting_reason, &WaitingWord::waiting_reason);
  return word == kWaitingWords.end() ? nullptr : word;
}

// An image that cannot be pulled is the same fault in each of the kubelet's wordings, which
// alternate while it backs off; naming the image alone keeps the message still.
// An init container that runs our own program.
bool IsOurs(const k8s::ContainerStatus& container) {
  return container.name == kSetupContainer || container.name == kFetchContainer;
}

std::optional<Obstacle> WaitingContainer(const Pass& pass, const Learner& learner,
                                         const k8s::ContainerStatus& container) {
  const WaitingWord* const word = FindWaitingWord(container);
  if (word == nullptr) return std::nullopt;
  if (word->reason != reason::kLearnerImagePullFailed) {
    return Obstacle{word->reason, fmt::format("{} cannot start: {}; {}", NameOf(pass, learner),
                                              container.waiting_message, word->advice)};
  }
  const bool setup = IsOurs(container);
  const std::string image =
      setup ? pass.settings.agent_image : ImageOf(pass.job, pass.roles.Of(learner.id));
  return Obstacle{word->reason,
                  fmt::format("the image '{}' of {} cannot be pulled; check its name, its "
                              "registry and the pull secret ({})",
                              image, NameOf(pass, learner),
                              setup ? "this is the operator's own image: see its `--agent_image`"
                                    : word->advice)};
}

// What our programs say themselves of why a learner cannot start.
constexpr std::array kReasonsOfSetup{reason::kCodeMissing, reason::kCodeAccessDenied,
                                     reason::kCodeInvalid, reason::kObjectStoreUnavailable};

// The end of a setup that failed; null for one that has not ended or ended well.
const k8s::ContainerEnd* FailedEnd(const k8s::ContainerStatus& setup) {
  const auto& end = setup.terminated ? setup.terminated : setup.last_terminated;
  return end && end->exit_code != 0 ? &*end : nullptr;
}

std::optional<Obstacle> SetupFailure(const Pass& pass, const Learner& learner,
                                     const k8s::ContainerStatus& container) {
  const k8s::ContainerEnd* const end = FailedEnd(container);
  if (end == nullptr) return std::nullopt;
  const nlohmann::json report = nlohmann::json::parse(end->message, nullptr, false);
  const auto text = [&](const char* key) {
    return report.is_object() && report.contains(key) && report[key].is_string()
               ? report[key].get<std::string>()
               : std::string();
  };
  for (const std::string_view known : kReasonsOfSetup) {
    if (text("reason") == known) return Obstacle{known, text("message")};
  }
  const std::string said = text("message").empty() ? end->message : text("message");
  return Obstacle{reason::kLearnerStartFailed,
                  fmt::format("the {} of {} exited with code {}: {}", container.name,
                              NameOf(pass, learner), end->exit_code, said)};
}

void ForgetWait(k8s::ContainerStatus& container) {
  if (FindWaitingWord(container) != nullptr) return;
  container.waiting_reason.clear();
  container.waiting_message.clear();
}

void ForgetSetup(k8s::ContainerStatus& container) {
  ForgetWait(container);
  container.running = container.running && container.name == kFetchContainer;
  container.ready = false;
  container.started_at.reset();
  if (FailedEnd(container) != nullptr) return;
  container.terminated.reset();
  container.last_terminated.reset();
}

}  // namespace

std::optional<Obstacle> ObstacleOf(const Pass& pass, const Learner& learner) {
  if (learner.phase == LearnerPhase::kSucceeded) return std::nullopt;  // it may have no pod left
  if (!learner.pod->unscheduled_message.empty() && learner.pod->node.empty()) {
    return Unschedulable(pass, learner);
  }
  for (const k8s::ContainerStatus& container : learner.pod->init_containers) {
    if (auto found = WaitingContainer(pass, learner, container)) return found;
    if (!IsOurs(container)) continue;
    if (auto found = SetupFailure(pass, learner, container)) return found;
  }
  if (learner.phase == LearnerPhase::kCannotStart) {
    return Obstacle{learner.end->reason == reason::kCommandNotFound ? reason::kCommandNotFound
                                                                    : reason::kLearnerStartFailed,
                    fmt::format("{} cannot start: {}; {}", NameOf(pass, learner),
                                learner.end->message, kEditWhileSuspended)};
  }
  for (const k8s::ContainerStatus& container : learner.pod->containers) {
    if (auto found = WaitingContainer(pass, learner, container)) return found;
  }
  return std::nullopt;
}

void ForgetOrdinaryStart(k8s::Pod& pod) {
  const auto is_blank = [](const k8s::ContainerStatus& container) {
    return container == k8s::ContainerStatus{.name = container.name};
  };
  std::ranges::for_each(pod.init_containers, &ForgetSetup);
  std::ranges::for_each(pod.containers, &ForgetWait);
  std::erase_if(pod.init_containers, is_blank);
  std::erase_if(pod.containers, is_blank);
}

bool IsDownloading(const Pass& pass) {
  return std::ranges::any_of(pass.learners, [](const Learner& learner) {
    return learner.phase == LearnerPhase::kStarting &&
           std::ranges::any_of(learner.pod->init_containers, [](const auto& container) {
             return container.name == kFetchContainer && container.running;
           });
  });
}

std::optional<Obstacle> FindObstacle(const Pass& pass) {
  if (auto fenced = FindFencedPod(pass)) return fenced;
  for (const Learner& learner : pass.learners) {
    if (auto found = ObstacleOf(pass, learner)) return found;
  }
  return std::nullopt;
}

}  // namespace ffdl::training_job
