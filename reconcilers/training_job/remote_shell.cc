#include "reconcilers/training_job/remote_shell.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "crds/v1/names.h"
#include "reconcilers/training_job/desired.h"
#include "reconcilers/training_job/frameworks.h"
#include "reconcilers/training_job/launcher.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;

// Any user of a learner's container must be able to read it, and nobody to write it.
constexpr int kKeyMode = 0444;

std::int32_t SlotsOf(const v1::TrainingJob& job, const v1::RoleView& role) {
  const std::int32_t asked = job.spec.framework.mpi.slots_per_learner;
  return asked > 0 ? asked : std::max(role.resources->gpus, 1);
}

std::string Hosts(const v1::TrainingJob& job) {
  std::string hosts;
  for (const v1::RoleView& role : v1::Roles(job.spec)) {
    if (role.name == kLauncherRole) continue;
    if (!hosts.empty()) hosts += ',';
    hosts += LearnerList(job, role, fmt::format("{{host}} slots={}", SlotsOf(job, role)));
  }
  return hosts;
}

}  // namespace

std::vector<std::string> RemoteShellFlags(const v1::TrainingJob& job) {
  if (!v1::HasLauncher(job.spec.framework)) return {};
  return {"--mpi-hosts", Hosts(job),
          "--mpi-dir",   fmt::format("{}/mpi", kToolsDir),
          "--mpi-key",   fmt::format("{}/key", kKeyMount),
          "--mpi-wait",  std::to_string(job.spec.framework.mpi.start_timeout_seconds)};
}

json KeyVolume(const v1::TrainingJob& job) {
  return {{"name", kKeyVolume},
          {"secret",
           {{"secretName", v1::JobKeyName(job.meta.key.name, job.meta.uid)},
            {"defaultMode", kKeyMode}}}};
}

json DesiredKey(const v1::TrainingJob& job, const std::string& key) {
  return {{"apiVersion", "v1"},
          {"kind", k8s::kSecretType.kind},
          {"metadata", ChildMetadata(job, v1::JobKeyName(job.meta.key.name, job.meta.uid))},
          {"type", "Opaque"},
          {"immutable", true},
          {"stringData", {{"key", key}}}};
}

void CreateKey(Pass& pass) {
  if (!v1::HasLauncher(pass.job.spec.framework)) return;
  std::vector<k8s::Action>& actions = pass.plan.actions;
  if (std::ranges::find(actions, k8s::kSecretType, &k8s::Action::type) != actions.end()) return;
  Create(pass, k8s::kSecretType, DesiredKey(pass.job, pass.observed.new_key), "key of the job");
  actions.back().blind = true;
}

}  // namespace ffdl::training_job
