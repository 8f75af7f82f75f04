#include "reconcilers/training_job/learner.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "crds/v1/conditions.h"
#include "crds/v1/names.h"

namespace ffdl::training_job {
namespace {

namespace reason = v1::reason;

constexpr std::int32_t kExitCodeOfKill = 137;  // 128 + SIGKILL

std::int32_t ParseInt(std::string_view text) {
  std::int32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string StringAt(const nlohmann::json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

// What ffdl-launch wrote; everything empty when the message is not its own.
struct LaunchReport {
  std::string reason;
  std::string message;
  std::string log;
};

LaunchReport ParseReport(const std::string& text) {
  const nlohmann::json report = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!report.is_object()) return {.log = text};
  return {.reason = StringAt(report, "reason"),
          .message = StringAt(report, "message"),
          .log = StringAt(report, "log")};
}

bool IsStartFailure(std::string_view launch_reason, const k8s::ContainerEnd& end) {
  return launch_reason == "CommandNotFound" || launch_reason == "CommandNotExecutable" ||
         launch_reason == "LaunchFailed" || end.reason == "StartError" ||
         end.reason == "ContainerCannotRun";
}

LearnerEnd StartFailure(const LaunchReport& report, const k8s::ContainerEnd& end) {
  const bool command = report.reason.starts_with("Command");
  return {.exit_code = end.exit_code,
          .reason = std::string(command ? reason::kCommandNotFound : reason::kLearnerStartFailed),
          .message = report.message.empty() ? end.message : report.message,
          .time = end.finished_at};
}

LearnerEnd ProgramEnd(const LaunchReport& report, const k8s::ContainerEnd& end) {
  LearnerEnd result{.exit_code = end.exit_code, .log = report.log, .time = end.finished_at};
  if (end.exit_code == 0) return result;
  if (end.reason == "OOMKilled" || report.reason == reason::kOutOfMemory) {
    result.reason = reason::kOutOfMemory;
    result.message = fmt::format("exited with code {} (out of memory)", end.exit_code);
  } else if (report.reason == reason::kNoProgress) {
    result.reason = reason::kNoProgress;
    result.message = report.message;
  } else if (report.reason == reason::kKilledBySignal || end.exit_code == kExitCodeOfKill) {
    result.reason = reason::kKilledBySignal;
    result.message = fmt::format("was killed by signal {}", end.exit_code - 128);
  } else {
    result.reason = reason::kProgramFailed;
    result.message = fmt::format("exited with code {}", end.exit_code);
  }
  return result;
}

// The kubelet starts an ended container again, and ffdl-launch then waits beside its marker: so the
// run that counts is the one before, once there is one.
const k8s::ContainerEnd* EndOf(const k8s::ContainerStatus& status) {
  if (status.terminated) return &*status.terminated;
  return status.last_terminated ? &*status.last_terminated : nullptr;
}

void JudgeContainer(const k8s::ContainerStatus& status, Learner& learner) {
  if (const k8s::ContainerEnd* const end = EndOf(status)) {
    const LaunchReport report = ParseReport(end->message);
    learner.changed_at = end->finished_at;
    if (IsStartFailure(report.reason, *end)) {
      learner.phase = LearnerPhase::kCannotStart;
      learner.end = StartFailure(report, *end);
    } else {
      learner.end = ProgramEnd(report, *end);
      learner.phase = end->exit_code == 0 ? LearnerPhase::kSucceeded : LearnerPhase::kFailed;
    }
  } else if (status.running) {
    learner.phase = LearnerPhase::kRunning;
    learner.changed_at = status.started_at;
  }
}

// A sentence of somebody else as a clause of ours.
std::string_view WithoutFullStop(std::string_view sentence) {
  return sentence.substr(0, sentence.find_last_not_of(". ") + 1);
}

}  // namespace

// Pods of a StatefulSet are named <set>-<ordinal>.
std::int32_t LearnerIdOf(const v1::Roles& roles, const k8s::Pod& pod) {
  // A job without roles need not ask its pods; thousands of them are looked at in every pass.
  const v1::RoleView* const role =
      roles[0].own == nullptr
          ? &roles[0]
          : roles.Find(k8s::ValueOr(pod.meta.labels, v1::kRoleLabel, v1::kLearnerRole));
  if (role == nullptr) return 0;
  const std::size_t dash = pod.meta.key.name.rfind('-');
  if (dash == std::string::npos) return 0;
  return role->before + ParseInt(std::string_view(pod.meta.key.name).substr(dash + 1)) + 1;
}

Learner JudgePod(std::int32_t id, const k8s::Pod& pod) {
  Learner learner{.id = id, .pod = &pod};
  if (const k8s::ContainerStatus* const status = FindContainer(pod.containers, kLearnerContainer)) {
    JudgeContainer(*status, learner);
  }
  // A pod that always restarts its containers fails as a whole only when the kubelet gives it up.
  if (pod.phase == "Failed" && learner.phase != LearnerPhase::kSucceeded) {
    learner.phase = LearnerPhase::kFailed;
    learner.end = LearnerEnd{
        .exit_code = learner.end ? learner.end->exit_code : 0,
        .reason = std::string(reason::kEvicted),
        .message = fmt::format("was given up by its node: {}",
                               WithoutFullStop(pod.message.empty() ? pod.reason : pod.message))};
  }
  return learner;
}

const k8s::ContainerStatus* FindContainer(const std::vector<k8s::ContainerStatus>& containers,
                                          std::string_view name) {
  const auto it = std::ranges::find_if(
      containers, [&](const k8s::ContainerStatus& c) { return c.name == name; });
  return it == containers.end() ? nullptr : &*it;
}

std::int32_t AttemptOf(const k8s::Labels& labels) {
  return ParseInt(k8s::ValueOr(labels, v1::kAttemptLabel, "0"));
}

std::vector<Learner> LearnersOf(const v1::Roles& roles, const std::vector<k8s::Pod>& pods,
                                std::int32_t attempt) {
  std::vector<Learner> learners;
  for (const k8s::Pod& pod : pods) {
    if (pod.meta.deletion_time || AttemptOf(pod.meta.labels) != attempt) continue;
    const std::int32_t id = LearnerIdOf(roles, pod);
    if (id > 0 && id <= roles.learners()) learners.push_back(JudgePod(id, pod));
  }
  std::ranges::sort(learners, {}, &Learner::id);
  return learners;
}

}  // namespace ffdl::training_job
