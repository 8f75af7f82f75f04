#include "reconcilers/training_job/hangs.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "reconcilers/training_job/launcher.h"

namespace ffdl::training_job {
namespace {

using std::chrono::seconds;

// A kubelet starts a process for each probe: often enough to tell a hang within a tenth of its
// time-out, and not more often than needed.
constexpr std::int64_t kLooksInTimeout = 10;
constexpr std::int64_t kPeriodMin = 1;
constexpr std::int64_t kPeriodMax = 30;
// A node that is busy may answer a probe late, which says nothing of the learner.
constexpr int kProbeTimeout = 10;
constexpr int kProbeFailures = 2;

bool IsUnready(const Learner& learner) {
  if (learner.phase != LearnerPhase::kRunning) return false;
  const k8s::ContainerStatus* const container =
      FindContainer(learner.pod->containers, kLearnerContainer);
  return container != nullptr && !container->ready;
}

// A container is not ready before its first probe either: a learner can hang only when it has run
// for the time-out.
bool IsHung(Pass& pass, const Learner& learner) {
  if (!IsUnready(learner) || !learner.changed_at) return false;
  const k8s::Time first = *learner.changed_at + seconds(pass.job.spec.progress->timeout_seconds);
  if (pass.now >= first) return true;
  LookAgainAt(pass, first);
  return false;
}

}  // namespace

std::vector<std::string> ProgressFlags(const v1::TrainingJob& job) {
  if (!job.spec.progress) return {};
  std::vector<std::string> flags{"--progress-timeout",
                                 std::to_string(job.spec.progress->timeout_seconds)};
  if (job.spec.progress->on_timeout == v1::HangAction::kFail) flags.emplace_back("--end-when-hung");
  return flags;
}

nlohmann::json ProgressProbe(const v1::Progress& progress) {
  const std::int64_t period =
      std::clamp(progress.timeout_seconds / kLooksInTimeout, kPeriodMin, kPeriodMax);
  return {{"exec", {{"command", LaunchCommand({"--check-progress"})}}},
          {"periodSeconds", period},
          {"timeoutSeconds", kProbeTimeout},
          {"failureThreshold", kProbeFailures}};
}

std::string DescribeHang(Pass& pass) {
  if (!pass.job.spec.progress) return "";
  const Learner* first = nullptr;
  int others = -1;
  for (const Learner& learner : pass.learners) {
    if (!IsHung(pass, learner)) continue;
    if (first == nullptr) first = &learner;
    ++others;
  }
  if (first == nullptr) return "";
  return fmt::format(
      "{}{} has made no progress for {} s: no output, and HEARTBEAT_FILE was not touched",
      v1::LearnerName(pass.roles, first->id),
      others == 0 ? "" : fmt::format(" (and {} other{})", others, others == 1 ? "" : "s"),
      pass.job.spec.progress->timeout_seconds);
}

}  // namespace ffdl::training_job
