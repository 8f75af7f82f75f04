// TrainingJob, version v1 of group ffdl.io: the API that users rely on, as C++ values. The CRD in
// crds/schema/ is the one source of names, defaults and bounds; test/unit/crds/schema_test.cc fails
// when these types and it disagree.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s-client/meta/condition.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/resource_type.h"

namespace ffdl::v1 {

inline constexpr k8s::ResourceType kTrainingJobType{"ffdl.io", "v1", "TrainingJob", "trainingjobs"};
inline constexpr std::string_view kApiVersion = "ffdl.io/v1";

// Which environment a program expects beside FfDL's own; kCustom expects none.
enum class FrameworkName { kCustom, kJax, kPytorch, kTensorflow, kXgboost };

struct Framework {
  FrameworkName name = FrameworkName::kCustom;
  std::string version;  // "" without; then there is an image
  std::string image;    // "" to have it looked up in the catalogue

  friend bool operator==(const Framework&, const Framework&) = default;
};

// Of one learner; requests and limits are the same. Quantities stay text, as the user wrote them.
struct Resources {
  std::string cpu;     // "" for none
  std::string memory;  // "" for none
  std::int32_t gpus = 0;
  std::string shared_memory;  // size of /dev/shm; "" leaves the runtime's 64 MiB

  friend bool operator==(const Resources&, const Resources&) = default;
};

// A claim that the user made and keeps.
struct ClaimReference {
  std::string name;
  std::string sub_path;

  friend bool operator==(const ClaimReference&, const ClaimReference&) = default;
};

// A claim that is made for the job and goes with it.
struct StorageRequest {
  std::string size;
  std::vector<std::string> access_modes;
  std::optional<std::string> storage_class_name;  // not set: the cluster's default class

  friend bool operator==(const StorageRequest&, const StorageRequest&) = default;
};

struct Storage {
  std::optional<StorageRequest> shared;  // one claim per job, at JOB_STATE_DIR of every learner
  std::optional<StorageRequest> per_learner;  // one claim per learner, at STORAGE_DIR

  friend bool operator==(const Storage&, const Storage&) = default;
};

enum class CompletionPolicy { kAllLearners, kMaster, kAnyLearner, kNone };  // kNone: roles only

inline constexpr std::size_t kRolesMax = 8;

// Learners that are alike, in a job whose learners are not. What it does not set is the job's own.
struct Role {
  std::string name;
  std::int32_t replicas = 1;
  CompletionPolicy completion_policy = CompletionPolicy::kAllLearners;
  std::string image;                 // "" for the job's
  std::vector<std::string> command;  // empty for the job's, with the job's args
  std::vector<std::string> args;
  nlohmann::json env = nlohmann::json::array();  // beside the job's; of one name this one counts
  std::optional<Resources> resources;
  std::string start_after;  // the role whose learners must all run first; "" for none

  friend bool operator==(const Role&, const Role&) = default;
};

// Who starts again after a failure.
enum class RestartScope {
  kJob,      // all learners together, as the next attempt
  kLearner,  // the failed one alone, while the others run on
};

enum class FailureAction { kFailJob, kRestartJob, kRestartLearner, kIgnore };

// Fits a failure by one of the first two lists; the other is empty.
struct FailureRule {
  std::vector<std::int32_t> on_exit_codes;
  std::vector<std::string> on_reasons;  // reason::k...
  std::vector<std::string> on_roles;    // empty for all
  FailureAction action = FailureAction::kRestartJob;

  friend bool operator==(const FailureRule&, const FailureRule&) = default;
};

struct FailurePolicy {
  std::int32_t max_restarts = 0;                  // for faults of the program
  std::int32_t max_infrastructure_restarts = 10;  // for faults of the cluster
  std::int32_t backoff_seconds = 10;              // before the second short attempt in a row
  RestartScope restart_scope = RestartScope::kJob;
  std::vector<FailureRule> rules;  // the first that fits decides

  friend bool operator==(const FailurePolicy&, const FailurePolicy&) = default;
};

// How learners are told to stop.
struct Checkpoint {
  std::int64_t grace_period_seconds = 30;  // between being told and being killed
  std::vector<std::string> command;        // run in each learner first; empty for none

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// What becomes of a learner that stands still.
enum class HangAction { kReport, kFail };

// When a learner that runs has stood still for too long.
struct Progress {
  std::int64_t timeout_seconds = 0;  // without output and without a change of HEARTBEAT_FILE
  HangAction on_timeout = HangAction::kReport;

  friend bool operator==(const Progress&, const Progress&) = default;
};

// Who may be at the other end of a learner's connections.
enum class Reach { kAny, kJobOnly };

struct NetworkPolicy {
  Reach ingress = Reach::kJobOnly;
  Reach egress = Reach::kAny;

  friend bool operator==(const NetworkPolicy&, const NetworkPolicy&) = default;
};

// How many learners evictions may take away at the same time.
struct DisruptionBudget {
  std::int32_t max_unavailable = 0;

  friend bool operator==(const DisruptionBudget&, const DisruptionBudget&) = default;
};

// How torchrun goes on when learners come and go.
struct Torchrun {
  std::int32_t max_restarts = 10;  // of a learner's processes, in place
  std::int32_t last_call_seconds =
      30;  // how long the fewest learners that are enough wait for more

  friend bool operator==(const Torchrun&, const Torchrun&) = default;
};

// How many learners may be taken for as many, while the job runs.
struct Elastic {
  std::int32_t min_learners = 1;
  std::int32_t max_learners = 1;
  std::optional<Torchrun> torchrun;  // not set: its defaults

  friend bool operator==(const Elastic&, const Elastic&) = default;
};

struct TrainingJobSpec {
  std::string description;
  Framework framework;
  std::vector<std::string> command;
  std::vector<std::string> args;
  nlohmann::json env = nlohmann::json::array();  // core/v1 EnvVar objects, checked by the schema
  std::string code_config_map;                   // spec.code.configMap.name; "" for none
  std::int32_t learners = 1;                     // has no meaning beside roles; see v1::Roles
  std::optional<Elastic> elastic;                // set: `learners` can change while the job runs
  std::vector<Role> roles;                       // empty when all learners are alike
  Resources resources;
  std::optional<ClaimReference> results;  // spec.results.claim
  Storage storage;
  std::optional<Checkpoint> checkpoint;
  std::optional<Progress> progress;
  std::optional<NetworkPolicy> network_policy;
  std::optional<DisruptionBudget> disruption_budget;
  CompletionPolicy completion_policy = CompletionPolicy::kAllLearners;
  FailurePolicy failure_policy;
  bool suspend = false;
  std::optional<std::int64_t> pending_deadline_seconds;
  std::optional<std::int64_t> active_deadline_seconds;
  std::optional<std::int64_t> ttl_seconds_after_finished;
  nlohmann::json pod_template = nlohmann::json::object();  // {metadata: {...}, spec: {...}}

  friend bool operator==(const TrainingJobSpec&, const TrainingJobSpec&) = default;
};

// One word for people. Terminal states are final. FfDL's words; upper case in its REST API.
enum class State { kNone, kPending, kProcessing, kCompleted, kFailed, kHalted };

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
  std::optional<k8s::Time> start_time;  // when all learners ran; not set when they never did
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

// What the catalogue of frameworks said.
struct FrameworkStatus {
  std::string entry;  // "pytorch.2.5.gpu", see CatalogueEntry
  std::string image;

  friend bool operator==(const FrameworkStatus&, const FrameworkStatus&) = default;
};

struct TrainingJobStatus {
  std::int64_t observed_generation = -1;
  State state = State::kNone;
  std::vector<k8s::Condition> conditions;
  LearnersStatus learners;
  std::vector<RoleStatus> roles;             // in the order of spec.roles
  std::int32_t gpus = 0;                     // of all learners together
  std::int32_t attempt = 0;                  // 0 until learners are first asked for
  std::int32_t restarts = 0;                 // that a failure caused; resuming is none
  std::int32_t infrastructure_restarts = 0;  // those of them that the cluster caused
  std::optional<FrameworkStatus> framework;  // of a job that names no image
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

struct TrainingJob {
  k8s::ObjectMeta meta;
  TrainingJobSpec spec;
  TrainingJobStatus status;

  friend bool operator==(const TrainingJob&, const TrainingJob&) = default;
};

}  // namespace ffdl::v1
