#include "crds/v1/framework_catalogue.h"

#include <fmt/format.h>

#include <algorithm>

#include "crds/v1/json.h"
#include "crds/v1/roles.h"
#include "crds/v1/words.h"

namespace ffdl::v1 {
namespace {

bool IsFramework(std::string_view name) {
  return name != ToString(FrameworkName::kCustom) &&
         std::ranges::any_of(kFrameworkWords,
                             [&](const auto& entry) { return entry.second == name; });
}

bool IsEntry(std::string_view key) {
  const std::size_t first = key.find('.');
  const std::size_t last = key.rfind('.');
  if (first == std::string_view::npos || last <= first + 1) return false;
  const std::string_view device = key.substr(last + 1);
  return IsFramework(key.substr(0, first)) && (device == "cpu" || device == "gpu");
}

bool IsImage(std::string_view image) {
  return !image.empty() && image.size() <= kCatalogueImageBytesMax &&
         image.find_first_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

// One image serves all roles that name none: programs for GPUs run without them, too.
std::string CatalogueEntry(const TrainingJobSpec& spec) {
  const Roles roles(spec);
  const bool gpus = std::ranges::any_of(roles, [](const RoleView& role) {
    const bool asks = role.own == nullptr || role.own->image.empty();
    return asks && role.resources->gpus > 0;
  });
  return fmt::format("{}.{}.{}", ToString(spec.framework.name), spec.framework.version,
                     gpus ? "gpu" : "cpu");
}

k8s::Result<FrameworkCatalogue> ReadCatalogue(const k8s::Labels& data) {
  if (data.size() > kCatalogueEntriesMax) {
    return k8s::Fail(k8s::ErrorCode::kInvalid, fmt::format("it has {} entries, more than {}",
                                                           data.size(), kCatalogueEntriesMax));
  }
  for (const auto& [key, image] : data) {
    if (!IsEntry(key)) {
      return k8s::Fail(k8s::ErrorCode::kInvalid,
                       fmt::format("its key '{}' is not like 'pytorch.2.5.gpu': framework, version "
                                   "and cpu or gpu",
                                   key));
    }
    if (!IsImage(image)) {
      return k8s::Fail(k8s::ErrorCode::kInvalid,
                       fmt::format("'{}' must be the name of an image", key));
    }
  }
  return FrameworkCatalogue{.images = data};
}

}  // namespace ffdl::v1
