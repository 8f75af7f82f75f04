// What users ask for; see crds/v1/training_job.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "k8s-client/meta/object_meta.h"

namespace ffdl::v1 {

// Which environment a program expects beside FfDL's own; kCustom expects none.
enum class FrameworkName {
  kCaffe,
  kCaffe2,
  kCustom,
  kH2o3,
  kHorovod,
  kJax,
  kMpi,
  kPytorch,
  kTensorflow,
  kXgboost,
};

// How the launcher of a job that HasLauncher starts processes in its learners.
struct Mpi {
  std::int32_t slots_per_learner = 0;         // processes; 0 for one a GPU, and one at least
  std::int64_t start_timeout_seconds = 1800;  // for all learners to answer the launcher

  friend bool operator==(const Mpi&, const Mpi&) = default;
};

struct Framework {
  FrameworkName name = FrameworkName::kCustom;
  std::string version;  // "" without; then there is an image
  std::string image;    // "" to have it looked up in the catalogue
  Mpi mpi;              // has no meaning for other frameworks

  friend bool operator==(const Framework&, const Framework&) = default;
};

// Whether learner 1 alone runs the command, and starts processes in all others.
[[nodiscard]] constexpr bool HasLauncher(const Framework& framework) {
  return framework.name == FrameworkName::kMpi || framework.name == FrameworkName::kHorovod;
}

// Of one learner; requests and limits are the same. Quantities stay text, as the user wrote them.
struct Resources {
  std::string cpu;     // "" for none
  std::string memory;  // "" for none
  std::int32_t gpus = 0;
  std::string gpu_type;       // a name that the catalogue has; "" for the operator's --gpu_resource
  std::string shared_memory;  // size of /dev/shm; "" leaves the runtime's 64 MiB

  friend bool operator==(const Resources&, const Resources&) = default;
};

// A claim that the user made and keeps.
struct ClaimReference {
  std::string name;
  std::string sub_path;

  friend bool operator==(const ClaimReference&, const ClaimReference&) = default;
};

enum class Retention { kRetain, kDelete };

// A claim that is made for the job and goes with it at the latest.
struct StorageRequest {
  std::string size;
  std::vector<std::string> access_modes;
  std::optional<std::string> storage_class_name;  // not set: the cluster's default class
  Retention when_finished = Retention::kRetain;

  friend bool operator==(const StorageRequest&, const StorageRequest&) = default;
};

struct Storage {
  std::optional<StorageRequest> shared;  // one claim per job, at JOB_STATE_DIR of every learner
  std::optional<StorageRequest> per_learner;  // one claim per learner, at STORAGE_DIR

  friend bool operator==(const Storage&, const Storage&) = default;
};

enum class CompletionPolicy { kAllLearners, kMaster, kAnyLearner, kNone };  // kNone: roles only

inline constexpr std::size_t kRolesMax = 8;
// Of all roles together: a node each in the largest cluster that Kubernetes supports.
inline constexpr std::int32_t kLearnersMax = 5000;
// Of frameworks whose programs find the hosts of all learners in one variable.
inline constexpr std::int32_t kListedLearnersMax = 1000;

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

// Fits a failure by one of the first three lists; the others are empty.
struct FailureRule {
  std::vector<std::int32_t> on_exit_codes;
  std::vector<std::string> on_reasons;         // reason::k...
  std::vector<std::string> on_pod_conditions;  // types of those that are True
  std::vector<std::string> on_roles;           // empty for all
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

// How near to each other the learners are put.
enum class Placement { kAny, kPack, kSpread };

// Short forms of what podTemplate.spec can say, too.
struct Scheduling {
  std::string priority_class_name;
  k8s::Labels node_selector;
  nlohmann::json tolerations = nlohmann::json::array();  // core/v1 Toleration objects
  Placement placement = Placement::kAny;
  std::string topology_key;  // of kPack and kSpread; "" for nodes

  friend bool operator==(const Scheduling&, const Scheduling&) = default;
};

// A bucket of an object store that speaks S3, or what is in it.
struct ObjectStore {
  std::string endpoint;  // http://HOST[:PORT] or https://...
  std::string region = "us-east-1";
  std::string bucket;
  std::string key;          // one object; "" for `prefix`
  std::string prefix;       // a folder; "" for all of the bucket
  std::string secret_name;  // credentials.secretName; "" for anybody

  friend bool operator==(const ObjectStore&, const ObjectStore&) = default;
};

// Where the files of the program come from; at most one is set.
struct Code {
  std::string config_map;  // configMap.name; "" for none
  std::optional<ClaimReference> claim;
  std::optional<ObjectStore> object_store;

  friend bool operator==(const Code&, const Code&) = default;
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
  Code code;
  std::int32_t learners = 1;       // has no meaning beside roles; see v1::Roles
  std::optional<Elastic> elastic;  // set: `learners` can change while the job runs
  std::vector<Role> roles;         // empty when all learners are alike
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
  Scheduling scheduling;
  nlohmann::json pod_template = nlohmann::json::object();  // {metadata: {...}, spec: {...}}

  friend bool operator==(const TrainingJobSpec&, const TrainingJobSpec&) = default;
};

}  // namespace ffdl::v1
