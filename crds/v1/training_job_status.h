// What the operator tells; see crds/v1/training_job.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "k8s-client/meta/condition.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/time.h"

namespace ffdl::v1 {

// One word for people. Terminal states are final. FfDL's words; upper case in its REST API.
enum class State { kNone, kPending, kDownloading, kProcessing, kCompleted, kFailed, kHalted };

// Learners that are in one phase for one reason.
struct LearnerGroup {
  std::string phase;   // learner_phase::k...
  std::string reason;  // reason::k... of those that wait or failed
  std::int32_t count = 0;
  std::string learners;  // "1-37,39", at most kLearnerRangesBytesMax; cut behind a comma with "..."

  friend bool operator==(const LearnerGroup&, const LearnerGroup&) = default;
};

inline constexpr std::size_t kLearnerGroupsMax = 24;
inline constexpr std::size_t kLearnerRangesBytesMax = 256;

// One that waits or failed, in full.
struct LearnerDetail {
  std::int32_t learner = 0;  // LEARNER_ID
  std::string role;          // "" in a job without roles
  std::string phase;
  std::string reason;
  std::string node;
  std::int32_t exit_code = 0;
  std::string message;  // at most kLearnerMessageBytesMax

  friend bool operator==(const LearnerDetail&, const LearnerDetail&) = default;
};

inline constexpr std::size_t kLearnerDetailsMax = 5;
inline constexpr std::size_t kLearnerMessageBytesMax = 512;

struct LearnersStatus {
  std::int32_t desired = 0;
  std::int32_t ready = 0;      // running now
  std::int32_t succeeded = 0;  // ended with exit code 0 in this attempt
  std::int32_t failed = 0;     // ended otherwise in this attempt
  std::string summary;         // "1/2": ready or succeeded, of desired
  std::string selector;        // of their pods, for autoscalers; "" where the number is fixed
  // While all of them run: which pods they are, and the version of the pods that said so. Another
  // pod in a learner's place has not trained since then.
  std::string pods_digest;
  std::string pods_version;
  std::vector<LearnerGroup> phases;    // by LEARNER_ID; of a job with roles each role tells its own
  std::vector<LearnerDetail> details;  // those that failed first, then those that wait
  std::optional<k8s::Time> told_time;  // of the last write of this status
  // The rest only of jobs in which a learner may start again alone. Then the digest is of those
  // learners that have started, whether or not all of them have.
  std::string pods_of;                    // which they are, see crds/v1/learner_ids.h
  std::optional<k8s::Time> pods_created;  // when the youngest of these pods was created
  std::string succeeded_ids;              // that have ended well in this attempt, pods or no pods

  friend bool operator==(const LearnersStatus&, const LearnersStatus&) = default;
};

struct RoleStatus {
  std::string name;
  std::int32_t desired = 0;
  std::int32_t ready = 0;
  std::int32_t succeeded = 0;
  std::int32_t failed = 0;
  std::vector<LearnerGroup> phases;  // by the place in the role, from 1

  friend bool operator==(const RoleStatus&, const RoleStatus&) = default;
};

// The failure that ended an attempt or had a learner start again alone: the first in time, not the
// avalanche that follows.
struct Failure {
  std::int32_t attempt = 0;
  std::int32_t learner = 0;  // LEARNER_ID, so 1 is the first
  std::string role;          // its role; "" in a job without roles
  std::string node;
  std::int32_t exit_code = 0;
  std::string reason;   // reason::k...
  std::string message;  // one sentence
  std::string log;      // the last lines of the learner's output, at most kFailureLogBytesMax
  std::optional<k8s::Time> time;

  friend bool operator==(const Failure&, const Failure&) = default;
};

inline constexpr std::size_t kFailureLogBytesMax = 2048;

// One attempt that is over.
struct AttemptRecord {
  std::int32_t attempt = 0;
  std::optional<k8s::Time> request_time;  // when learners were asked for
  std::optional<k8s::Time> start_time;    // when all learners ran; not set when they never did
  std::optional<k8s::Time> end_time;
  std::string reason;        // reason::k...
  std::int32_t learner = 0;  // these four of the learner whose failure ended it, as in Failure
  std::string role;
  std::string node;
  std::int32_t exit_code = 0;

  friend bool operator==(const AttemptRecord&, const AttemptRecord&) = default;
};

inline constexpr std::size_t kHistoryMax = 10;  // older attempts are forgotten

// A learner that was started again alone, and why it was the last time.
struct LearnerRestart {
  std::int32_t learner = 0;
  std::string role;           // "" in a job without roles
  std::int32_t restarts = 0;  // of this learner alone
  std::string node;
  std::int32_t exit_code = 0;
  std::string reason;                // reason::k...
  std::optional<k8s::Time> time;     // when it was decided
  std::int32_t backoff_seconds = 0;  // how long the failed pod is left where it is
  bool restarting = false;           // until another pod of it has started
  std::string pod_uid;  // while restarting: the pod that failed, "" when nobody saw it any more

  friend bool operator==(const LearnerRestart&, const LearnerRestart&) = default;
};

inline constexpr std::size_t kLearnerRestartsMax = 64;  // learners that are remembered

// GPUs times seconds in which all learners ran, of the attempts that are over.
struct GpuSeconds {
  std::int64_t used = 0;
  std::int64_t wasted = 0;  // of attempts that failed or were lost: at most so much was repeated

  friend bool operator==(const GpuSeconds&, const GpuSeconds&) = default;
};

// What the catalogue of frameworks said.
struct FrameworkStatus {
  std::string entry;  // "pytorch.2.5.gpu", see CatalogueEntry
  std::string image;
  k8s::Labels env;  // of the learners that run this image

  friend bool operator==(const FrameworkStatus&, const FrameworkStatus&) = default;
};

// What the catalogue said of a type of GPUs.
struct GpuType {
  std::string type;      // as spec.resources.gpuType has it
  std::string resource;  // the extended resource that is asked for
  k8s::Labels node_selector;
  std::vector<std::string> taints;  // that are tolerated: KEY:EFFECT or KEY=VALUE:EFFECT

  friend bool operator==(const GpuType&, const GpuType&) = default;
};

struct TrainingJobStatus {
  std::int64_t observed_generation = -1;
  State state = State::kNone;
  std::vector<k8s::Condition> conditions;
  LearnersStatus learners;
  std::vector<RoleStatus> roles;             // in the order of spec.roles
  std::int32_t gpus = 0;                     // of all learners together
  std::optional<GpuSeconds> gpu_seconds;     // of a job that had GPUs in an attempt that is over
  std::int32_t attempt = 0;                  // 0 until learners are first asked for
  std::int32_t restarts = 0;                 // that a failure caused; resuming is none
  std::int32_t infrastructure_restarts = 0;  // those of them that the cluster caused
  std::optional<k8s::Time> request_time;     // when the learners of this attempt are asked for
  std::optional<FrameworkStatus> framework;  // of a job that names no image
  std::vector<GpuType> gpu_types;            // that the job asks for
  std::optional<k8s::Time> start_time;
  // When all learners of this attempt first ran; only of jobs in which one may start again alone.
  std::optional<k8s::Time> attempt_start_time;
  std::optional<k8s::Time> completion_time;
  std::optional<Failure> failure;
  std::vector<AttemptRecord> history;      // the last kHistoryMax attempts, the latest at the end
  std::vector<std::string> avoided_nodes;  // on which this attempt's learners must not run
  std::vector<LearnerRestart> learner_restarts;  // at most kLearnerRestartsMax, by learner

  friend bool operator==(const TrainingJobStatus&, const TrainingJobStatus&) = default;
};

}  // namespace ffdl::v1
