#include <string>

#include "crds/v1/names.h"
#include "reconcilers/training_job/desired.h"
#include "reconcilers/training_job/frameworks.h"

namespace ffdl::training_job {

using nlohmann::json;

json ChildMetadata(const v1::TrainingJob& job, const std::string& name) {
  return {{"name", name},
          {"namespace", job.meta.key.ns},
          {"labels", v1::ChildLabels(job.meta.key.name)},
          {"ownerReferences", json::array({{{"apiVersion", v1::kApiVersion},
                                            {"kind", v1::kTrainingJobType.kind},
                                            {"name", job.meta.key.name},
                                            {"uid", job.meta.uid},
                                            {"controller", true},
                                            {"blockOwnerDeletion", true}}})}};
}

// All pods that carry the job's label are its learners; a job without roles names theirs, too, as
// it always did.
k8s::Labels ServiceSelector(const v1::TrainingJob& job) {
  if (job.spec.roles.empty()) return v1::RoleSelector(job.meta.key.name, v1::kLearnerRole);
  return {{std::string(v1::kJobLabel), job.meta.key.name}};
}

json DesiredService(const v1::TrainingJob& job) {
  // Those that FfDL and the frameworks name; a headless Service passes all others, too.
  json ports = json::array({{{"name", "ssh"}, {"port", 22}}});
  for (const FrameworkEnvironment& framework : FrameworkEnvironments()) {
    ports.push_back({{"name", framework.port_name}, {"port", framework.port}});
  }
  return {{"apiVersion", "v1"},
          {"kind", "Service"},
          {"metadata", ChildMetadata(job, v1::LearnersName(job.meta.key.name))},
          {"spec",
           {{"clusterIP", "None"},
            {"publishNotReadyAddresses", true},
            {"selector", ServiceSelector(job)},
            {"ports", std::move(ports)}}}};
}

json DesiredSharedClaim(const v1::TrainingJob& job) {
  const v1::StorageRequest& wanted = job.spec.storage.shared.value();
  json spec = {{"accessModes", wanted.access_modes},
               {"resources", {{"requests", {{"storage", wanted.size}}}}}};
  if (wanted.storage_class_name) spec["storageClassName"] = *wanted.storage_class_name;
  return {{"apiVersion", "v1"},
          {"kind", "PersistentVolumeClaim"},
          {"metadata", ChildMetadata(job, v1::SharedClaimName(job.meta.key.name))},
          {"spec", std::move(spec)}};
}

}  // namespace ffdl::training_job
