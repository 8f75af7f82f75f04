#include "reconcilers/training_job/attempts.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "crds/v1/conditions.h"
#include "reconcilers/training_job/lone_restarts.h"

namespace ffdl::training_job {
namespace {

namespace reason = v1::reason;
using std::chrono::seconds;

// An attempt that ran for so long has shown that it can.
constexpr std::chrono::minutes kLongAttempt{10};
constexpr seconds kBackoffMax{300};
// So many faults of the cluster on one node, in so long a time, and the next attempt avoids it.
constexpr int kFaultsOfNode = 2;
constexpr std::chrono::minutes kFaultsRemembered{60};

constexpr std::array kFaultsOfTheCluster{reason::kEvicted, reason::kPreempted, reason::kNodeLost,
                                         reason::kLearnerDeleted};

constexpr std::array kGoodEnds{reason::kAllLearnersSucceeded, reason::kMasterSucceeded,
                               reason::kAnyLearnerSucceeded, reason::kAllRolesSucceeded};

// Preemption and deletion by hand say nothing of the node.
bool IsFaultOfTheNode(const v1::AttemptRecord& record) {
  return !record.node.empty() &&
         (record.reason == reason::kEvicted || record.reason == reason::kNodeLost);
}

bool EndedSoon(const v1::AttemptRecord& record) {
  if (record.reason == reason::kSuspended || record.reason == reason::kRestarting) return false;
  return !record.start_time || !record.end_time ||
         *record.end_time - *record.start_time < kLongAttempt;
}

// The times of a node's faults that still count, the earliest first.
std::map<std::string, std::vector<k8s::Time>> FaultsOfNodes(const Pass& pass) {
  std::map<std::string, std::vector<k8s::Time>> faults;
  for (const v1::AttemptRecord& record : pass.next.history) {
    if (!IsFaultOfTheNode(record) || !record.end_time) continue;
    if (pass.now < *record.end_time + kFaultsRemembered) {
      faults[record.node].push_back(*record.end_time);
    }
  }
  std::erase_if(faults, [](const auto& node) { return node.second.size() < kFaultsOfNode; });
  for (auto& [node, times] : faults) std::ranges::sort(times);
  return faults;
}

void AddGpuSeconds(Pass& pass, const v1::AttemptRecord& record) {
  const std::int64_t gpus = pass.roles.gpus();
  if (gpus == 0) return;
  if (!pass.next.gpu_seconds) pass.next.gpu_seconds.emplace();
  if (!record.start_time || !record.end_time) return;
  const auto ran = std::chrono::floor<seconds>(*record.end_time - *record.start_time);
  const std::int64_t used = gpus * std::max<std::int64_t>(ran.count(), 0);
  const std::string_view outcome = OutcomeOf(record.reason);
  pass.next.gpu_seconds->used += used;
  if (outcome == "failed" || outcome == "lost") pass.next.gpu_seconds->wasted += used;
}

}  // namespace

bool IsFaultOfTheCluster(std::string_view reason) {
  return std::ranges::count(kFaultsOfTheCluster, reason) > 0;
}

std::string_view OutcomeOf(std::string_view reason) {
  if (std::ranges::count(kGoodEnds, reason) > 0) return "succeeded";
  if (reason == reason::kSuspended) return "suspended";
  return IsFaultOfTheCluster(reason) ? "lost" : "failed";
}

void RecordEnd(Pass& pass, std::int32_t attempt, std::string_view reason,
               const v1::Failure* failure) {
  std::vector<v1::AttemptRecord>& history = pass.next.history;
  if (!history.empty() && history.back().attempt >= attempt) return;
  v1::AttemptRecord record{.attempt = attempt,
                           .request_time = pass.next.request_time,
                           .start_time = RunningSince(pass),
                           .end_time = pass.now,
                           .reason = std::string(reason)};
  if (failure != nullptr) {
    record.end_time = failure->time.value_or(pass.now);
    record.learner = failure->learner;
    record.role = failure->role;
    record.node = failure->node;
    record.exit_code = failure->exit_code;
  }
  AddGpuSeconds(pass, record);
  if (history.size() >= v1::kHistoryMax) history.erase(history.begin());
  history.push_back(std::move(record));
}

void BeginAttempt(Pass& pass, std::int32_t attempt) {
  pass.next.attempt = attempt;
  pass.next.attempt_start_time.reset();
  ForgetRestarting(pass.next);
  pass.next.request_time = std::max(pass.now, EndOfBackoff(pass).value_or(pass.now));
  pass.next.avoided_nodes.clear();
  for (const auto& [node, times] : FaultsOfNodes(pass)) pass.next.avoided_nodes.push_back(node);
}

seconds Backoff(const Pass& pass) {
  const seconds first{pass.job.spec.failure_policy.backoff_seconds};
  const std::vector<v1::AttemptRecord>& history = pass.next.history;
  const auto long_one = std::find_if_not(history.rbegin(), history.rend(), &EndedSoon);
  const auto soon = std::distance(history.rbegin(), long_one);
  if (soon < 2) return seconds(0);
  return std::min(first * (1 << (soon - 2)), std::max(first, kBackoffMax));
}

seconds BackoffAfter(const Pass& pass, k8s::Time restarted, seconds backoff) {
  if (pass.now >= restarted + backoff + kLongAttempt) return seconds(0);
  const seconds first{pass.job.spec.failure_policy.backoff_seconds};
  return backoff == seconds(0) ? first : std::min(2 * backoff, std::max(first, kBackoffMax));
}

std::optional<k8s::Time> EndOfBackoff(const Pass& pass) {
  const seconds wait = Backoff(pass);
  if (wait == seconds(0) || pass.next.history.back().attempt >= pass.next.attempt) {
    return std::nullopt;
  }
  return pass.next.history.back().end_time.value_or(pass.now) + wait;
}

std::optional<k8s::Time> EndOfAvoidance(const Pass& pass) {
  if (pass.job.status.avoided_nodes.empty()) return std::nullopt;
  const auto faults = FaultsOfNodes(pass);
  std::optional<k8s::Time> end;
  for (const std::string& node : pass.job.status.avoided_nodes) {
    const auto it = faults.find(node);
    if (it == faults.end()) return pass.now;
    // It is forgotten when fewer than kFaultsOfNode are left.
    const k8s::Time forgotten = *(it->second.rbegin() + (kFaultsOfNode - 1)) + kFaultsRemembered;
    end = std::min(end.value_or(forgotten), forgotten);
  }
  return end;
}

}  // namespace ffdl::training_job
