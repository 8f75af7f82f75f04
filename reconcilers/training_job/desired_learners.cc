#include <string>
#include <utility>

#include "crds/v1/names.h"
#include "reconcilers/training_job/desired.h"
#include "reconcilers/training_job/pod_template.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;

json ClaimTemplate(const v1::TrainingJob& job, const v1::StorageRequest& wanted) {
  json spec = {{"accessModes", wanted.access_modes},
               {"resources", {{"requests", {{"storage", wanted.size}}}}}};
  if (wanted.storage_class_name) spec["storageClassName"] = *wanted.storage_class_name;
  return {
      {"apiVersion", "v1"},
      {"kind", "PersistentVolumeClaim"},
      {"metadata", {{"name", v1::kStorageVolume}, {"labels", v1::ChildLabels(job.meta.key.name)}}},
      {"spec", std::move(spec)}};
}

}  // namespace

json DesiredLearners(const v1::TrainingJob& job, const v1::RoleView& role, const Settings& settings,
                     std::int32_t attempt, std::int32_t replicas) {
  json spec = {{"replicas", replicas},
               {"serviceName", v1::LearnersName(job.meta.key.name)},
               {"podManagementPolicy", "Parallel"},
               {"updateStrategy", {{"type", "OnDelete"}}},
               {"revisionHistoryLimit", 0},
               // Claims outlive a restart and a suspension, and go with the job.
               {"persistentVolumeClaimRetentionPolicy",
                {{"whenDeleted", "Delete"}, {"whenScaled", "Retain"}}},
               {"selector", {{"matchLabels", v1::RoleSelector(job.meta.key.name, role.name)}}},
               {"template", LearnerPodTemplate(job, role, settings, attempt)}};
  if (job.spec.storage.per_learner) {
    spec["volumeClaimTemplates"] = json::array({ClaimTemplate(job, *job.spec.storage.per_learner)});
  }
  return {{"apiVersion", "apps/v1"},
          {"kind", "StatefulSet"},
          {"metadata", ChildMetadata(job, v1::RoleSetName(job.meta.key.name, role.name))},
          {"spec", std::move(spec)}};
}

}  // namespace ffdl::training_job
