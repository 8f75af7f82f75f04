#include "reconcilers/training_job/init_containers.h"

#include <string>
#include <string_view>
#include <utility>

#include "reconcilers/training_job/environment.h"
#include "reconcilers/training_job/launcher.h"
#include "reconcilers/training_job/learner.h"
#include "reconcilers/training_job/template_json.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;

constexpr const char* kCodeVolume = "ffdl-code";
constexpr const char* kCodeSourceDir = "/ffdl-code";
constexpr const char* kCredentialsVolume = "ffdl-credentials";
constexpr const char* kCredentialsDir = "/ffdl-credentials";

constexpr const char* kSetupMemory = "64Mi";
// Eight objects at a time, and the windows of the strongest compressions: xz -9 takes 65 MiB.
constexpr const char* kFetchMemory = "256Mi";

// A pod mounts a claim once, whatever for.
bool IsOnResultsClaim(const v1::ClaimReference& code, const v1::TrainingJob& job) {
  return job.spec.results && job.spec.results->name == code.name;
}

json AgentContainer(std::string_view name, json args, json mounts, const char* memory_limit,
                    const Settings& settings) {
  return {{"name", name},
          {"image", settings.agent_image},
          {"imagePullPolicy", settings.agent_pull_policy},
          {"command", json::array({"/usr/bin/ffdl-agent"})},
          {"args", std::move(args)},
          {"resources",
           {{"requests", {{"cpu", "10m"}, {"memory", "16Mi"}}},
            {"limits", {{"memory", memory_limit}}}}},
          {"securityContext",
           {{"allowPrivilegeEscalation", false},
            {"capabilities", {{"drop", json::array({"ALL"})}}},
            {"readOnlyRootFilesystem", true},
            {"runAsNonRoot", true}}},
          {"volumeMounts", std::move(mounts)}};
}

// The folder of the claim is not left to the kubelet, which would make one that is missing.
void AddCodeOfClaim(const v1::TrainingJob& job, json& args, json& mounts) {
  const v1::ClaimReference& code = *job.spec.code.claim;
  std::string folder = kCodeSourceDir;
  if (!code.sub_path.empty()) folder += "/" + code.sub_path;
  args.insert(args.end(), {"--code-from", std::move(folder), "--code-to", kModelDir, "--code-claim",
                           code.name});
  json mount = Mount(IsOnResultsClaim(code, job) ? "ffdl-results" : kCodeVolume, kCodeSourceDir);
  mount["readOnly"] = true;
  mounts.push_back(std::move(mount));
}

json SetupContainer(const v1::TrainingJob& job, const Settings& settings) {
  json args = {"install", "--launch-to", std::string(kToolsDir) + "/bin", "--make-dir", kDataDir};
  json mounts = {Mount("ffdl-tools", kToolsDir), Mount("ffdl-job", kJobStateDir),
                 Mount("ffdl-model-code", kModelDir)};
  if (!job.spec.code.config_map.empty()) {
    args.insert(args.end(), {"--code-from", kCodeSourceDir, "--code-to", kModelDir, "--code-name",
                             job.spec.code.config_map});
    mounts.push_back(Mount(kCodeVolume, kCodeSourceDir));
  } else if (job.spec.code.claim) {
    AddCodeOfClaim(job, args, mounts);
  }
  return AgentContainer(kSetupContainer, std::move(args), std::move(mounts), kSetupMemory,
                        settings);
}

json FetchContainer(const v1::ObjectStore& store, const Settings& settings) {
  json args = {"fetch",    "--endpoint", store.endpoint, "--region", store.region,
               "--bucket", store.bucket, "--to",         kModelDir};
  const bool is_object = !store.key.empty();
  args.insert(args.end(), {is_object ? "--key" : "--prefix", is_object ? store.key : store.prefix});
  json mounts = {Mount("ffdl-model-code", kModelDir)};
  if (!store.secret_name.empty()) {
    args.insert(args.end(), {"--credentials", kCredentialsDir, "--secret", store.secret_name});
    mounts.push_back(Mount(kCredentialsVolume, kCredentialsDir));
    mounts.back()["readOnly"] = true;
  }
  return AgentContainer(kFetchContainer, std::move(args), std::move(mounts), kFetchMemory,
                        settings);
}

}  // namespace

json InitContainers(const v1::TrainingJob& job, const Settings& settings) {
  json containers = json::array({SetupContainer(job, settings)});
  if (job.spec.code.object_store) {
    containers.push_back(FetchContainer(*job.spec.code.object_store, settings));
  }
  return containers;
}

// A ConfigMap and a Secret are optional, so that a missing one is found by our container, which can
// say so in the pod's status, and not by the kubelet's mount, which only tells an event.
std::optional<json> CodeVolume(const v1::TrainingJob& job) {
  if (!job.spec.code.config_map.empty()) {
    return json{{"name", kCodeVolume},
                {"configMap", {{"name", job.spec.code.config_map}, {"optional", true}}}};
  }
  if (job.spec.code.claim && !IsOnResultsClaim(*job.spec.code.claim, job)) {
    return ClaimVolume(kCodeVolume, job.spec.code.claim->name);
  }
  if (job.spec.code.object_store && !job.spec.code.object_store->secret_name.empty()) {
    return json{
        {"name", kCredentialsVolume},
        {"secret", {{"secretName", job.spec.code.object_store->secret_name}, {"optional", true}}}};
  }
  return std::nullopt;
}

}  // namespace ffdl::training_job
