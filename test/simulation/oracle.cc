#include "test/simulation/oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "crds/v1/conditions.h"
#include "crds/v1/names.h"

namespace ffdl::simulation {
namespace {

bool IsOperator(const Writer& writer) { return writer.name.starts_with("operator-"); }

int AttemptOf(const Json& labelled) {
  const auto labels = labelled.at("metadata").find("labels");
  if (labels == labelled.at("metadata").end()) return 0;
  return std::stoi(labels->value(std::string(v1::kAttemptLabel), "0"));
}

bool IsTrue(const Json& status, std::string_view type) {
  const auto conditions = status.find("conditions");
  return conditions != status.end() && std::ranges::any_of(*conditions, [&](const Json& condition) {
           return condition.at("type") == type && condition.at("status") == "True";
         });
}

const Json& RolesOf(const Json& spec) {
  static const Json kNone = Json::array();
  const auto roles = spec.find("roles");
  return roles == spec.end() ? kNone : *roles;
}

int LearnersOf(const Json& spec) {
  int learners = 0;
  for (const Json& role : RolesOf(spec)) learners += role.at("replicas").get<int>();
  return learners > 0 ? learners : spec.at("learners").get<int>();
}

// Whether the job has finished and does not keep its claim of this name.
bool IsGivenUp(const Stored& job, const k8s::ObjectKey& claim) {
  const bool shared = claim.name == v1::SharedClaimName(job.key.name);
  const Json storage = job.object.at("spec").value("storage", Json::object());
  return IsTrue(job.object.at("status"), v1::condition::kFinished) &&
         storage.value(shared ? "shared" : "perLearner", Json::object())
                 .value("whenFinished", "") == "Delete";
}

}  // namespace

Oracle::Oracle(Stage& stage, std::chrono::milliseconds lease_duration)
    : stage_(stage), lease_duration_(lease_duration) {
  stage.api.OnCommit([this](const Commit& commit) { OnCommit(commit); });
}

void Oracle::Wrong(const std::string& what) {
  stage_.trace.Line("ORACLE", "{}", what);
  if (!violation_) violation_ = what;
}

void Oracle::Wrong(const Commit& commit, const std::string& what) {
  const Stored& object = commit.after ? *commit.after : *commit.before;
  Wrong(fmt::format("{} ({}: {} {} {})", what, commit.writer.name, commit.verb, commit.kind.name,
                    k8s::ToString(object.key)));
}

Oracle::JobRecord* Oracle::RecordOf(const Json& child) {
  const std::string uid = ControllerUid(child);
  const auto set = set_owners_.find(uid);
  const auto job = jobs_.find(set == set_owners_.end() ? uid : set->second);
  return job == jobs_.end() ? nullptr : &job->second;
}

bool Oracle::Lives(const std::string& job_uid) const {
  return std::ranges::any_of(stage_.api.log().All(kTrainingJobs),
                             [&](const auto& entry) { return entry.second->uid == job_uid; });
}

void Oracle::OnCommit(const Commit& commit) {
  if (&commit.kind == &kLeases) {
    renewed_at_ = stage_.time.Steady();
    return;
  }
  changed_at_ = stage_.time.Steady();
  if (IsOperator(commit.writer)) {
    ++operator_writes_;
    JudgeLeader(commit);
  }
  if (&commit.kind == &kTrainingJobs) JudgeJob(commit);
  if (&commit.kind == &kPods) JudgePod(commit);
  if (&commit.kind == &kClaims) JudgeClaim(commit);
  JudgeChild(commit);
}

// An event tells and decides nothing: it may come from whoever led a moment ago. And nobody can
// keep a request from being carried out after its sender gave it up.
void Oracle::JudgeLeader(const Commit& commit) {
  if (&commit.kind == &kEvents || commit.writer.late) return;
  const Objects& leases = stage_.api.log().All(kLeases);
  const std::string holder =
      leases.empty() ? "" : leases.begin()->second->object.at("spec").value("holderIdentity", "");
  if (!holder.starts_with(commit.writer.name + "_")) {
    Wrong(commit, fmt::format("a write by one who does not lead, but '{}' does", holder));
  } else if (stage_.time.Steady() > *renewed_at_ + lease_duration_) {
    Wrong(commit, "a write after the lease has run out");
  }
}

void Oracle::JudgeJob(const Commit& commit) {
  if (!commit.after) return JudgeEndOfLife(commit);
  const Json& job = commit.after->object;
  JobRecord& record = jobs_[commit.after->uid];
  record.name = commit.after->key.name;
  record.learners_max = std::max(record.learners_max, LearnersOf(job.at("spec")));
  record.sets_max = static_cast<int>(std::max<std::size_t>(RolesOf(job.at("spec")).size(), 1));
  record.asked_for[job.at("metadata").at("generation")] = LearnersOf(job.at("spec"));
  JudgeStatus(commit, record);
  JudgeLoneRestarts(commit, record);
  record.status = job.at("status");
  const int observed = record.status.value("observedGeneration", -1);
  std::erase_if(record.asked_for, [&](const auto& asked) { return asked.first < observed; });
}

// An operator deletes no job but one that asked for it, and not before its time.
void Oracle::JudgeEndOfLife(const Commit& commit) {
  if (!IsOperator(commit.writer)) return;
  const Json& job = commit.before->object;
  const Json& ttl = job.at("spec").value("ttlSecondsAfterFinished", Json());
  const auto end = k8s::ParseTime(job.at("status").value("completionTime", ""));
  if (ttl.is_null() || !end) return Wrong(commit, "a job that did not ask for it was deleted");
  if (stage_.time.Now() < *end + std::chrono::seconds(ttl.get<int>())) {
    Wrong(commit, "a job was deleted before its time to live was over");
  }
}

void Oracle::JudgeStatus(const Commit& commit, const JobRecord& record) {
  const Json& job = commit.after->object;
  const Json& before = record.status;
  const Json& after = job.at("status");
  const int generation = job.at("metadata").at("generation");
  if (after.value("observedGeneration", -1) > generation) {
    Wrong(commit, "status.observedGeneration is ahead of the generation");
  }
  for (const Json& condition : after.value("conditions", Json::array())) {
    if (condition.value("observedGeneration", 0) > generation) {
      Wrong(commit, "a condition's observedGeneration is ahead of the generation");
    }
  }
  for (const char* const count : {"attempt", "restarts"}) {
    if (after.value(count, 0) < before.value(count, 0)) {
      Wrong(commit, fmt::format("status.{} decreased", count));
    }
  }
  if (!IsTrue(before, v1::condition::kFinished)) return;
  for (const char* const final : {"state", "attempt", "restarts", "completionTime", "failure"}) {
    if (after.value(final, Json()) != before.value(final, Json())) {
      Wrong(commit, fmt::format("status.{} of a finished job changed", final));
    }
  }
}

// Each is counted with the restarts of the job, and no pod's failure is counted twice.
void Oracle::JudgeLoneRestarts(const Commit& commit, JobRecord& record) {
  const Json& after = commit.after->object.at("status");
  const auto counts_of = [](const Json& status) {
    std::map<int, int> counts;
    for (const Json& one : status.value("learnerRestarts", Json::array())) {
      counts[one.at("learner").get<int>()] = one.at("restarts").get<int>();
    }
    return counts;
  };
  std::map<int, int> before = counts_of(record.status);
  int more = 0;
  for (const Json& one : after.value("learnerRestarts", Json::array())) {
    const int added = one.at("restarts").get<int>() - before[one.at("learner").get<int>()];
    more += added;
    if (added < 0 || added > 1) Wrong(commit, "a learner's restarts are not counted one by one");
    const std::string uid = one.value("podUID", "");
    if (added > 0 && !uid.empty() && !record.counted.insert(uid).second) {
      Wrong(commit, fmt::format("the failure of pod {} is counted twice", uid));
    }
  }
  const int restarts = after.value("restarts", 0) - record.status.value("restarts", 0);
  const bool of_all = after.value("attempt", 0) > record.status.value("attempt", 0);
  if (!of_all && restarts != more) {
    Wrong(commit, fmt::format("{} restarts, but {} of learners", restarts, more));
  }
}

void Oracle::JudgeChild(const Commit& commit) {
  const Stored& object = commit.after ? *commit.after : *commit.before;
  JobRecord* const record = RecordOf(object.object);
  if (record == nullptr) return;
  if (&commit.kind == &kStatefulSets) JudgeSet(commit, *record);
  if (!IsOperator(commit.writer)) return;
  const std::string kind(commit.kind.name);
  if (!commit.after) --record->created[kind];  // lifted, maybe to be set up again
  if (!commit.after) record->created.erase(fmt::format("{} {}", kind, object.key.name));
  if (commit.before) return;
  // Given up by its sender, and carried out when all that it was for had gone. It goes, too.
  if (commit.writer.late && !Lives(ControllerUid(object.object))) return;
  const int max = &commit.kind == &kStatefulSets ? record->sets_max : 1;
  const bool again = ++record->created[fmt::format("{} {}", kind, object.key.name)] > 1;
  if (again || ++record->created[kind] > max) {
    Wrong(commit, fmt::format("more than {} {} for job {}", max, kind, record->name));
  }
}

void Oracle::JudgeSet(const Commit& commit, JobRecord& record) {
  if (!commit.after || !IsOperator(commit.writer)) return;
  const Json& set = commit.after->object;
  set_owners_[commit.after->uid] = ControllerUid(set);
  const Json& spec = set.at("spec");
  const int attempt = AttemptOf(spec.at("template"));
  const std::string text = spec.at("template").dump();
  const auto [known, added] =
      record.templates.emplace(std::pair(commit.after->key.name, attempt), text);
  if (!added && known->second != text && !commit.writer.late) {
    Wrong(commit, fmt::format("two attempts of job {} share number {}", record.name, attempt));
  }
  const int replicas = spec.at("replicas");
  const bool asked_for = std::ranges::any_of(
      record.asked_for, [&](const auto& asked) { return replicas <= asked.second; });
  if (!asked_for && !commit.writer.late) {
    Wrong(commit, fmt::format("{} learners, which nobody asks for any more", replicas));
  }
  const bool finished = IsTrue(record.status, v1::condition::kFinished);
  const bool more = commit.before == nullptr ||
                    commit.before->object.at("spec").at("replicas") < spec.at("replicas");
  if (finished && more && spec.at("replicas") > 0 && !commit.writer.late) {
    Wrong(commit, fmt::format("job {} has finished, and its learners run again", record.name));
  }
}

void Oracle::JudgePod(const Commit& commit) {
  const Stored& object = commit.after ? *commit.after : *commit.before;
  JobRecord* const record = RecordOf(object.object);
  if (record == nullptr) return;
  const int attempt = AttemptOf(object.object);
  if (commit.verb == "delete") {
    record->lost.emplace(attempt, object.key.name);
    const bool went_already = IsBeingDeleted(commit.before->object);
    if (IsOperator(commit.writer) && !went_already && !record->counted.contains(object.uid) &&
        attempt >= record->status.value("attempt", 0)) {
      Wrong(commit, fmt::format("a learner of attempt {}, which is not over, is deleted", attempt));
    }
  }
  if (commit.before) return;
  int learners = 0;
  for (const auto& [key, pod] : stage_.api.log().All(kPods)) {
    if (RecordOf(pod->object) == record && !IsBeingDeleted(pod->object)) ++learners;
  }
  if (learners > record->learners_max) {
    Wrong(commit,
          fmt::format("{} learners, but only {} were asked for", learners, record->learners_max));
  }
}

void Oracle::JudgeClaim(const Commit& commit) {
  if (commit.verb != "delete") return;
  const JobRecord* const record = RecordOf(commit.before->object);
  if (record == nullptr) return;
  const StoredPtr job =
      stage_.api.log().Find(kTrainingJobs, {.ns = commit.before->key.ns, .name = record->name});
  if (!job || &jobs_.at(job->uid) != record) return;
  if (!IsGivenUp(*job, commit.before->key)) Wrong(commit, "a claim is lost, but not its job");
  for (const auto& [key, pod] : stage_.api.log().All(kPods)) {
    if (RecordOf(pod->object) != record) continue;
    Wrong(commit, fmt::format("a claim is lost to which {} may write", key.name));
  }
}

// The same attempt begins again only where somebody else took the pod away.
void Oracle::OnStarted(const Stored& pod) {
  JobRecord* const record = RecordOf(pod.object);
  if (record == nullptr) return;
  const std::pair learner(AttemptOf(pod.object), pod.key.name);
  const bool first = record->started.insert(learner).second;
  if (!first && !record->lost.contains(learner)) {
    Wrong(fmt::format("{} of job {} runs twice in attempt {}", learner.second, record->name,
                      learner.first));
  }
  record->lost.erase(learner);
  JudgeGuards(pod, record->name);
}

// What a job asks for stands before its learners run.
void Oracle::JudgeGuards(const Stored& pod, const std::string& name) {
  const ObjectLog& log = stage_.api.log();
  const StoredPtr job = log.Find(kTrainingJobs, {.ns = pod.key.ns, .name = name});
  if (!job || job->object.at("spec").value("suspend", false)) return;
  const k8s::ObjectKey guard{.ns = pod.key.ns, .name = v1::GuardName(name)};
  const auto expect = [&](const char* field, const Kind& kind) {
    if (job->object.at("spec").value(field, Json()).is_null() || log.Find(kind, guard)) return;
    Wrong(fmt::format("{} of job {} runs without its {}", pod.key.name, name, kind.name));
  };
  expect("networkPolicy", kNetworkPolicies);
  expect("disruptionBudget", kDisruptionBudgets);
}

}  // namespace ffdl::simulation
