#include "reconcilers/training_job/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "crds/v1/names.h"
#include "reconcilers/training_job/frameworks.h"
#include "reconcilers/training_job/launcher.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;

void Set(json& env, std::string_view name, std::string value) {
  env.push_back({{"name", name}, {"value", std::move(value)}});
}

void SetFromField(json& env, std::string_view name, std::string_view path) {
  env.push_back({{"name", name}, {"valueFrom", {{"fieldRef", {{"fieldPath", path}}}}}});
}

// FfDL hands the command over as one line.
std::string CommandLine(const v1::RoleView& role) {
  std::string line;
  for (const auto* part : {role.command, role.args}) {
    for (const std::string& word : *part) {
      if (!line.empty()) line += ' ';
      line += word;
    }
  }
  std::ranges::replace(line, '\n', ' ');
  return line;
}

void SetDirectories(json& env, const v1::TrainingJob& job) {
  const std::string results = ResultDir(job);
  Set(env, "DATA_DIR", std::string(kDataDir));
  Set(env, "RESULT_DIR", results);
  Set(env, "RESULT_BUCKET_DIR", job.spec.results ? std::string(kResultsMount) : "");
  // FfDL shares one checkpoint directory among all jobs of a bucket; ours is the job's own, so that
  // two jobs never read each other's checkpoints.
  Set(env, "CHECKPOINT_DIR", results + "/checkpoints");
  Set(env, "MODEL_DIR", std::string(kModelDir));
  Set(env, "LOG_DIR", std::string(kLogDir));
  Set(env, "JOB_STATE_DIR", std::string(kJobStateDir));
  if (job.spec.progress) Set(env, "HEARTBEAT_FILE", std::string(kHeartbeatFile));
  if (job.spec.storage.per_learner) Set(env, "STORAGE_DIR", std::string(kStorageDir));
}

bool IsNamed(const json& variable, const json& name) {
  return variable.is_object() && variable.value("name", json()) == name;
}

json OwnVariables(const v1::TrainingJob& job, const v1::RoleView& role) {
  json env = job.spec.env;
  if (role.own == nullptr) return env;
  for (const json& variable : role.own->env) {
    const json name = variable.is_object() ? variable.value("name", json()) : json();
    env.erase(std::remove_if(env.begin(), env.end(),
                             [&](const json& other) { return IsNamed(other, name); }),
              env.end());
    env.push_back(variable);
  }
  return env;
}

// The names that torchrun gives them, which its programs look for anyway.
void SetRole(json& env, const v1::RoleView& role) {
  if (role.own == nullptr) return;
  Set(env, "ROLE_NAME", std::string(role.name));
  Set(env, "ROLE_WORLD_SIZE", std::to_string(role.replicas));
  Set(env, fmt::format("{}ROLE_RANK", kPerLearnerPrefix), "{role_rank}");
  Set(env, "FFDL_LEARNERS_BEFORE", std::to_string(role.before));
}

}  // namespace

std::string ResultDir(const v1::TrainingJob& job) {
  if (!job.spec.results) return std::string(kJobStateDir) + "/results";
  return fmt::format("{}/{}", kResultsMount, job.meta.key.name);
}

json LearnerEnvironment(const v1::TrainingJob& job, const v1::RoleView& role) {
  const v1::Roles roles(job.spec);
  json env = OwnVariables(job, role);
  SetDirectories(env, job);
  Set(env, "TRAINING_ID", job.meta.key.name);
  Set(env, "TRAINING_COMMAND", CommandLine(role));
  Set(env, "GPU_COUNT", fmt::format("{}.000000", role.resources->gpus));
  Set(env, "NUM_LEARNERS", std::to_string(roles.learners()));
  Set(env, "LEARNER_NAME_PREFIX", v1::RoleSetName(job.meta.key.name, role.name));
  SetFromField(env, "DOWNWARD_API_POD_NAME", "metadata.name");
  SetFromField(env, "DOWNWARD_API_POD_NAMESPACE", "metadata.namespace");
  SetRole(env, role);
  for (json& variable : FrameworkVariables(job, role)) env.push_back(std::move(variable));
  return env;
}

}  // namespace ffdl::training_job
