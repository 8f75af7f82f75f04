// One learner as its pod shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crds/v1/roles.h"
#include "k8s-client/meta/time.h"
#include "k8s-client/meta/workload.h"

namespace ffdl::training_job {

inline constexpr std::string_view kLearnerContainer = "learner";
inline constexpr std::string_view kSetupContainer = "setup";
inline constexpr std::string_view kFetchContainer = "fetch";  // where there is something to fetch

// How a learner's program ended, from the container's exit and what ffdl-launch left in the
// termination message (operator/agent/report.h has its form).
struct LearnerEnd {
  std::int32_t exit_code = 0;
  std::string reason;   // v1::reason::k..., "" for success
  std::string message;  // one clause without subject: "exited with code 3"
  std::string log;      // last lines of output
  std::optional<k8s::Time> time;
};

enum class LearnerPhase {
  kStarting,     // not scheduled, pulling, initialising
  kCannotStart,  // the command cannot be started; the kubelet tries again
  kRunning,
  kSucceeded,
  kFailed,
};

struct Learner {
  std::int32_t id = 0;  // LEARNER_ID: over all roles, from 1
  LearnerPhase phase = LearnerPhase::kStarting;
  std::optional<LearnerEnd> end;        // of succeeded, failed and cannot-start learners
  std::optional<k8s::Time> changed_at;  // when the container last started or ended, if known
  const k8s::Pod* pod = nullptr;        // borrowed from Observed; null for one without a pod
};

// Its LEARNER_ID, from its role's label and its name; 0 for a pod of no role of these.
[[nodiscard]] std::int32_t LearnerIdOf(const v1::Roles& roles, const k8s::Pod& pod);

// The attempt that a pod or a StatefulSet's template belongs to; 0 when it says none.
[[nodiscard]] std::int32_t AttemptOf(const k8s::Labels& labels);

// What this pod shows of the learner with this id.
[[nodiscard]] Learner JudgePod(std::int32_t id, const k8s::Pod& pod);

// The learners of `attempt` that are asked for and are not being deleted, by id.
[[nodiscard]] std::vector<Learner> LearnersOf(const v1::Roles& roles,
                                              const std::vector<k8s::Pod>& pods,
                                              std::int32_t attempt);

// How one that has ended did so: "learner 2 exited with code 3".
[[nodiscard]] std::string DescribeEnd(const v1::Roles& roles, const Learner& learner);

[[nodiscard]] const k8s::ContainerStatus* FindContainer(
    const std::vector<k8s::ContainerStatus>& containers, std::string_view name);

}  // namespace ffdl::training_job
