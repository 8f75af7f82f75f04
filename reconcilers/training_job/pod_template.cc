#include "reconcilers/training_job/pod_template.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "crds/v1/names.h"
#include "reconcilers/training_job/environment.h"
#include "reconcilers/training_job/hangs.h"
#include "reconcilers/training_job/image.h"
#include "reconcilers/training_job/launcher.h"
#include "reconcilers/training_job/learner.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;

constexpr const char* kCodeSourceDir = "/ffdl-code";

json Mount(const char* volume, std::string_view path) {
  return {{"name", volume}, {"mountPath", path}};
}

json ClaimVolume(const char* name, const std::string& claim) {
  return {{"name", name}, {"persistentVolumeClaim", {{"claimName", claim}}}};
}

json EmptyDir(const char* name) { return {{"name", name}, {"emptyDir", json::object()}}; }

// Objects as the user may have left them: missing, or not what they should be, which the API server
// then refuses in its own words.
json& ObjectAt(json& parent, const char* key) {
  json& value = parent[key];
  if (!value.is_object()) value = json::object();
  return value;
}

json& ArrayAt(json& parent, const char* key) {
  json& value = parent[key];
  if (!value.is_array()) value = json::array();
  return value;
}

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
  if (!job.spec.code_config_map.empty()) {
    // Optional, so that a missing ConfigMap is found by the setup container, which can say so in
    // the pod's status, and not by the kubelet's mount, which only tells an event.
    volumes.push_back({{"name", "ffdl-code"},
                       {"configMap", {{"name", job.spec.code_config_map}, {"optional", true}}}});
  }
  if (job.spec.results) volumes.push_back(ClaimVolume("ffdl-results", job.spec.results->name));
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
  if (!role.resources->shared_memory.empty()) mounts.push_back(Mount("ffdl-shm", "/dev/shm"));
}

// Requests and limits alike: training that is throttled or overcommitted is slower than training
// that waits for its turn.
void SetResources(const v1::Resources& wanted, const Settings& settings, json& container) {
  json& resources = ObjectAt(container, "resources");
  for (const char* kind : {"requests", "limits"}) {
    json& amounts = ObjectAt(resources, kind);
    if (!wanted.cpu.empty()) amounts["cpu"] = wanted.cpu;
    if (!wanted.memory.empty()) amounts["memory"] = wanted.memory;
    if (wanted.gpus > 0) amounts[settings.gpu_resource] = std::to_string(wanted.gpus);
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

// Of two variables of a name the later one counts.
void SetEnvironment(const v1::TrainingJob& job, const v1::RoleView& role, json& container) {
  json env = LearnerEnvironment(job, role);
  json& present = ArrayAt(container, "env");
  for (json& variable : env) {
    const json* const name = NameOf(variable);
    const auto same = [&](const json& other) {
      const json* const other_name = NameOf(other);
      return name != nullptr && other_name != nullptr && *other_name == *name;
    };
    present.erase(std::remove_if(present.begin(), present.end(), same), present.end());
    present.push_back(std::move(variable));
  }
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
  SetResources(*role.resources, settings, container);
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

json SetupContainer(const v1::TrainingJob& job, const Settings& settings) {
  json args = {"install", "--launch-to", std::string(kToolsDir) + "/bin", "--make-dir", kDataDir};
  json mounts = {Mount("ffdl-tools", kToolsDir), Mount("ffdl-job", kJobStateDir),
                 Mount("ffdl-model-code", kModelDir)};
  if (!job.spec.code_config_map.empty()) {
    args.insert(args.end(), {"--code-from", kCodeSourceDir, "--code-to", kModelDir, "--code-name",
                             job.spec.code_config_map});
    mounts.push_back(Mount("ffdl-code", kCodeSourceDir));
  }
  return {{"name", kSetupContainer},
          {"image", settings.agent_image},
          {"imagePullPolicy", settings.agent_pull_policy},
          {"command", json::array({"/usr/bin/ffdl-agent"})},
          {"args", std::move(args)},
          {"resources",
           {{"requests", {{"cpu", "10m"}, {"memory", "16Mi"}}}, {"limits", {{"memory", "64Mi"}}}}},
          {"securityContext",
           {{"allowPrivilegeEscalation", false},
            {"capabilities", {{"drop", json::array({"ALL"})}}},
            {"readOnlyRootFilesystem", true},
            {"runAsNonRoot", true}}},
          {"volumeMounts", std::move(mounts)}};
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
  init.insert(init.begin(), SetupContainer(job, settings));
  AddVolumes(job, role, ArrayAt(spec, "volumes"));
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
