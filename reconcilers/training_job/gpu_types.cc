#include "reconcilers/training_job/gpu_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "crds/v1/conditions.h"
#include "crds/v1/framework_catalogue.h"
#include "crds/v1/gpu_type.h"
#include "reconcilers/training_job/few.h"
#include "reconcilers/training_job/pass.h"
#include "reconcilers/training_job/template_json.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;

const v1::GpuType* Find(const std::vector<v1::GpuType>& types, std::string_view name) {
  const auto it = std::ranges::find(types, name, &v1::GpuType::type);
  return it == types.end() ? nullptr : &*it;
}

// Null for a role that asks for no type, or for one that was not looked up yet.
const v1::GpuType* TypeOf(const v1::TrainingJob& job, const v1::RoleView& role) {
  return Find(job.status.gpu_types, role.resources->gpu_type);
}

// Each once, in the order of the roles.
std::vector<std::string_view> TypesAskedFor(const v1::Roles& roles) {
  std::vector<std::string_view> types;
  for (const v1::RoleView& role : roles) {
    const std::string& type = role.resources->gpu_type;
    if (!type.empty() && std::ranges::find(types, type) == types.end()) types.push_back(type);
  }
  return types;
}

std::string UnknownMessage(std::string_view type, const v1::FrameworkCatalogue& catalogue) {
  Few known;
  for (const auto& [name, description] : catalogue.gpu_types) known.Add(name);
  std::string why = catalogue.trouble;
  if (const std::string names = known.Text(); !names.empty()) {
    why = fmt::format("the catalogue of frameworks has {}{}", names,
                      why.empty() ? "" : fmt::format(" ({})", why));
  } else if (why.empty()) {
    why = "the catalogue of frameworks has no entry 'gpu-type.NAME'";
  }
  return fmt::format(
      "the `gpuType` '{}' is not known: {}; ask who runs the cluster to add '{}{}', or suspend the "
      "job and set another",
      type, why, v1::kGpuTypePrefix, type);
}

std::string ChosenMessage(const std::vector<v1::GpuType>& types) {
  std::vector<std::string> told;
  for (const v1::GpuType& type : types) {
    told.push_back(fmt::format("'{}' is `{}`{}", type.type, type.resource,
                               type.node_selector.empty() ? "" : " on nodes with its labels"));
  }
  return fmt::format("the catalogue of frameworks says which GPUs are asked for: {}",
                     fmt::join(told, ", "));
}

json Toleration(std::string_view taint) {
  const v1::Taint parts = v1::PartsOfTaint(taint);
  json toleration = {{"key", parts.key}, {"operator", "Exists"}, {"effect", parts.effect}};
  if (!parts.value.empty()) {
    toleration["operator"] = "Equal";
    toleration["value"] = parts.value;
  }
  return toleration;
}

}  // namespace

bool NeedsGpuTypes(const v1::TrainingJob& job) {
  const v1::Roles roles(job.spec);
  return std::ranges::any_of(roles, [&](const v1::RoleView& role) {
    return !role.resources->gpu_type.empty() && TypeOf(job, role) == nullptr;
  });
}

std::string GpuResource(const v1::TrainingJob& job, const v1::RoleView& role,
                        const Settings& settings) {
  const v1::GpuType* const type = TypeOf(job, role);
  return type == nullptr ? settings.gpu_resource : type->resource;
}

void SelectGpuNodes(const v1::TrainingJob& job, const v1::RoleView& role, json& pod_spec) {
  const v1::GpuType* const type = TypeOf(job, role);
  if (type == nullptr) return;
  if (!type->node_selector.empty()) {
    json& selector = ObjectAt(pod_spec, "nodeSelector");
    for (const auto& [key, value] : type->node_selector) {
      if (!selector.contains(key)) selector[key] = value;
    }
  }
  for (const std::string& taint : type->taints) {
    ArrayAt(pod_spec, "tolerations").push_back(Toleration(taint));
  }
}

// As with the image: written to status before anything is made of it, so that the pods of all
// attempts are alike. An edit that came and went with a suspension too short to be seen waits for
// the next attempt.
Next PlanGpuTypes(Pass& pass) {
  if (HasStarted(pass)) return Next::kGoOn;
  std::vector<v1::GpuType> types;
  for (const std::string_view name : TypesAskedFor(pass.roles)) {
    if (const v1::GpuType* const kept = Find(pass.job.status.gpu_types, name)) {
      types.push_back(*kept);
      continue;
    }
    const auto& known = pass.observed.catalogue.gpu_types;
    const auto it = known.find(name);
    if (it == known.end()) {
      pass.report = {.state = v1::State::kPending,
                     .reason = v1::reason::kGpuTypeUnknown,
                     .message = UnknownMessage(name, pass.observed.catalogue)};
      return Next::kStop;
    }
    types.push_back(it->second);
  }
  if (types == pass.job.status.gpu_types) return Next::kGoOn;
  pass.next.gpu_types = std::move(types);
  if (!NeedsGpuTypes(pass.job)) return Next::kGoOn;  // some are only forgotten
  pass.report = {.state = v1::State::kPending,
                 .reason = v1::reason::kGpuTypeChosen,
                 .message = ChosenMessage(pass.next.gpu_types)};
  return Next::kStop;
}

}  // namespace ffdl::training_job
