#include "reconcilers/training_job/pod_template.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "crds/v1/names.h"
#include "reconcilers/training_job/environment.h"
#include "reconcilers/training_job/gpu_types.h"
#include "reconcilers/training_job/hangs.h"
#include "reconcilers/training_job/image.h"
#include "reconcilers/training_job/init_containers.h"
#include "reconcilers/training_job/launcher.h"
#include "reconcilers/training_job/learner.h"
#include "reconcilers/training_job/remote_shell.h"
#include "reconcilers/training_job/scheduling.h"
#include "reconcilers/training_job/template_json.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;

json& LearnerContainer(json& pod_spec) {
  json& containers = ArrayAt(pod_spec, "containers");
  for (json& container : containers) {
    if (container.is_object() && container.value("name", json()) == kLearnerContainer) {
      return container;
    }
  }
  containers.insert(containers.begin(), json{{"name", kLearnerContainer}});
  return containers.front();
}

void AddVolumes(const v1::TrainingJob& job, const v1::RoleView& role, json& volumes) {
  volumes.push_back(EmptyDir("ffdl-tools"));
  volumes.push_back(EmptyDir("ffdl-model-code"));
  volumes.push_back(job.spec.storage.shared
                        ? ClaimVolume("ffdl-job", v1::SharedClaimName(job.meta.key.name))
                        : EmptyDir("ffdl-job"));
  if (std::optional<json> code = CodeVolume(job)) volumes.push_back(std::move(*code));
  if (job.spec.results) volumes.push_back(ClaimVolume("ffdl-results", job.spec.results->name));
  if (v1::HasLauncher(job.spec.framework)) volumes.push_back(KeyVolume(job));
  if (!role.resources->shared_memory.empty()) {
    volumes.push_back(
        {{"name", "ffdl-shm"},
         {"emptyDir", {{"medium", "Memory"}, {"sizeLimit", role.resources->shared_memory}}}});
  }
}

void AddMounts(const v1::TrainingJob& job, const v1::RoleView& role, json& mounts) {
  mounts.push_back(Mount("ffdl-tools", kToolsDir));
  mounts.push_back(Mount("ffdl-job", kJobStateDir));
  mounts.push_back(Mount("ffdl-model-code", kModelDir));
  if (job.spec.results) {
    json mount = Mount("ffdl-results", kResultsMount);
    if (!job.spec.results->sub_path.empty()) mount["subPath"] = job.spec.results->sub_path;
    mounts.push_back(std::move(mount));
  }
  if (job.spec.storage.per_learner) mounts.push_back(Mount(v1::kStorageVolume, kStorageDir));
  if (v1::HasLauncher(job.spec.framework)) {
    mounts.push_back(Mount(kKeyVolume, kKeyMount));
    mounts.back()["readOnly"] = true;
  }
  if (!role.resources->shared_memory.empty()) mounts.push_back(Mount("ffdl-shm", "/dev/shm"));
}

// Requests and limits alike: training that is throttled or overcommitted is slower than training
// that waits for its turn.
void SetResources(const v1::Resources& wanted, const std::string& gpu_resource, json& container) {
  json& resources = ObjectAt(container, "resources");
  for (const char* kind : {"requests", "limits"}) {
    json& amounts = ObjectAt(resources, kind);
    if (!wanted.cpu.empty()) amounts["cpu"] = wanted.cpu;
    if (!wanted.memory.empty()) amounts["memory"] = wanted.memory;
    if (wanted.gpus > 0) amounts[gpu_resource] = std::to_string(wanted.gpus);
    if (amounts.empty()) resources.erase(kind);
  }
  if (resources.empty()) container.erase("resources");
}

// Null without one.
const json* NameOf(const json& variable) {
  if (!variable.is_object()) return nullptr;
  const auto name = variable.find("name");
  return name == variable.end() ? nullptr : &*name;
}

// In place of one of the same name.
void SetVariable(json variable, json& env) {
  const json* const name = NameOf(variable);
  const auto same = [&](const json& other) {
    const json* const other_name = NameOf(other);
    return name != nullptr && other_name != nullptr && *other_name == *name;
  };
  env.erase(std::remove_if(env.begin(), env.end(), same), env.end());
  env.push_back(std::move(variable));
}

// Of two variables of a name the later one counts: the catalogue's are the first, then come those
// of the pod template, those of the job, and ours.
void SetEnvironment(const v1::TrainingJob& job, const v1::RoleView& role, json& container) {
  json env = CatalogueVariablesOf(job, role);
  for (json& variable : ArrayAt(container, "env")) SetVariable(std::move(variable), env);
  for (json& variable : LearnerEnvironment(job, role)) SetVariable(std::move(variable), env);
  container["env"] = std::move(env);
}

void SetCheckpoint(const v1::Checkpoint& checkpoint, json& container, json& spec) {
  spec["terminationGracePeriodSeconds"] = checkpoint.grace_period_seconds;
  if (checkpoint.command.empty()) return;
  json command = LaunchCommand({"--if-training", "--"});
  for (const std::string& word : checkpoint.command) command.push_back(word);
  ObjectAt(container, "lifecycle")["preStop"] = {{"exec", {{"command", std::move(command)}}}};
}

void CompleteLearner(const v1::TrainingJob& job, const v1::RoleView& role, const Settings& settings,
                     json& container) {
  json command = LaunchCommand({});
  for (const std::string& flag : ProgressFlags(job)) command.push_back(flag);
  for (const std::string& flag : RemoteShellFlags(job)) command.push_back(flag);
  command.push_back("--");
  for (const std::string& word : *role.command) command.push_back(word);
  container["command"] = std::move(command);
  if (!role.args->empty()) container["args"] = *role.args;
  container["image"] = ImageOf(job, role);
  if (!container.contains("workingDir")) container["workingDir"] = kModelDir;
  if (!container.contains("securityContext")) {
    container["securityContext"] = {{"allowPrivilegeEscalation", false},
                                    {"capabilities", {{"drop", json::array({"ALL"})}}}};
  }
  container["terminationMessagePath"] = "/dev/termination-log";
  container["terminationMessagePolicy"] = "File";
  if (job.spec.progress) container["readinessProbe"] = ProgressProbe(*job.spec.progress);
  SetEnvironment(job, role, container);
  SetResources(*role.resources, GpuResource(job, role, settings), container);
  AddMounts(job, role, ArrayAt(container, "volumeMounts"));
}

// The terms are alternatives, so each of them must leave the nodes out.
void AvoidNodes(const std::vector<std::string>& nodes, json& spec) {
  if (nodes.empty() || spec.contains("nodeName")) return;
  json& terms = ArrayAt(ObjectAt(ObjectAt(ObjectAt(spec, "affinity"), "nodeAffinity"),
                                 "requiredDuringSchedulingIgnoredDuringExecution"),
                        "nodeSelectorTerms");
  if (terms.empty()) terms.push_back(json::object());
  for (json& term : terms) {
    if (!term.is_object()) continue;
    for (const std::string& node : nodes) {
      ArrayAt(term, "matchFields")
          .push_back(
              {{"key", "metadata.name"}, {"operator", "NotIn"}, {"values", json::array({node})}});
    }
  }
}

}  // namespace

json LearnerPodTemplate(const v1::TrainingJob& job, const v1::RoleView& role,
                        const Settings& settings, std::int32_t attempt) {
  json pod = job.spec.pod_template;
  if (!pod.is_object()) pod = json::object();
  json& labels = ObjectAt(ObjectAt(pod, "metadata"), "labels");
  for (const auto& [key, value] : v1::ChildLabels(job.meta.key.name)) labels[key] = value;
  for (const auto& [key, value] : v1::RoleSelector(job.meta.key.name, role.name)) {
    labels[key] = value;
  }
  labels[std::string(v1::kAttemptLabel)] = std::to_string(attempt);
  if (job.spec.elastic) labels[std::string(v1::kLearnersLabel)] = std::to_string(role.replicas);

  json& spec = ObjectAt(pod, "spec");
  CompleteLearner(job, role, settings, LearnerContainer(spec));
  if (job.spec.checkpoint) SetCheckpoint(*job.spec.checkpoint, LearnerContainer(spec), spec);
  json& init = ArrayAt(spec, "initContainers");
  const json ours = InitContainers(job, settings);
  init.insert(init.begin(), ours.begin(), ours.end());
  AddVolumes(job, role, ArrayAt(spec, "volumes"));
  SetScheduling(job, attempt, spec);
  SelectGpuNodes(job, role, spec);
  AvoidNodes(job.status.avoided_nodes, spec);
  spec["automountServiceAccountToken"] = false;
  spec["enableServiceLinks"] = false;
  spec["restartPolicy"] = "Always";  // the only one that a StatefulSet accepts
  json& security = ObjectAt(spec, "securityContext");
  if (!security.contains("seccompProfile"))
    security["seccompProfile"] = {{"type", "RuntimeDefault"}};
  return pod;
}

}  // namespace ffdl::training_job
