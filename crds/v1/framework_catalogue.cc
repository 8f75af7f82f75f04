#include "crds/v1/framework_catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "crds/v1/catalogue_lines.h"
#include "crds/v1/gpu_type.h"
#include "crds/v1/json.h"
#include "crds/v1/roles.h"
#include "crds/v1/words.h"

namespace ffdl::v1 {
namespace {

constexpr std::string_view kVariablesPrefix = "env.";

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

auto Invalid(std::string message) {
  return k8s::Fail(k8s::ErrorCode::kInvalid, std::move(message));
}

bool IsVariableName(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::optional<std::string> TakeVariable(std::string_view line, k8s::Labels& variables) {
  const std::size_t sign = line.find('=');
  const std::string_view name = line.substr(0, sign);
  if (sign == std::string_view::npos || !IsVariableName(name)) {
    return fmt::format("must be a variable like 'NCCL_DEBUG=WARN', found '{}'", line);
  }
  if (name.starts_with("FFDL_")) {
    return fmt::format("must not set '{}', because the platform sets what starts with 'FFDL_'",
                       name);
  }
  const std::string_view value = line.substr(sign + 1);
  if (value.size() > kCatalogueValueBytesMax) {
    return fmt::format("has a value of {} bytes, more than {}", value.size(),
                       kCatalogueValueBytesMax);
  }
  if (!variables.emplace(name, value).second) return fmt::format("sets '{}' again", name);
  if (variables.size() > kCatalogueVariablesMax) {
    return fmt::format("sets one variable more than {}", kCatalogueVariablesMax);
  }
  return std::nullopt;
}

// "pytorch" or "pytorch.2.5"
bool IsFrameworkOrVersion(std::string_view name) {
  const std::size_t dot = name.find('.');
  return IsFramework(name.substr(0, dot)) &&
         (dot == std::string_view::npos || dot + 1 < name.size());
}

k8s::Result<void> TakeEntry(std::string_view key, const std::string& value,
                            FrameworkCatalogue& catalogue) {
  if (IsEntry(key)) {
    if (!IsImage(value)) return Invalid(fmt::format("'{}' must be the name of an image", key));
    catalogue.images.emplace(key, value);
    return {};
  }
  std::string_view name = key;
  if (name.starts_with(kVariablesPrefix) &&
      IsFrameworkOrVersion(name.substr(kVariablesPrefix.size()))) {
    name.remove_prefix(kVariablesPrefix.size());
    k8s::Labels& variables = catalogue.variables[std::string(name)];
    return ForEachLine(key, value,
                       [&](std::string_view line) { return TakeVariable(line, variables); });
  }
  if (name.starts_with(kGpuTypePrefix) && IsPlainName(name.substr(kGpuTypePrefix.size()))) {
    name.remove_prefix(kGpuTypePrefix.size());
    k8s::Result<GpuType> type = ReadGpuType(name, value);
    if (!type) return k8s::unexpected(type.error());
    catalogue.gpu_types.emplace(name, *std::move(type));
    return {};
  }
  return Invalid(
      fmt::format("its key '{}' is not like 'pytorch.2.5.gpu' (framework, version and "
                  "cpu or gpu), 'env.pytorch' or 'gpu-type.nvidia-h200'",
                  key));
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

k8s::Labels CatalogueVariables(const Framework& framework, const FrameworkCatalogue& catalogue) {
  const std::string_view name = ToString(framework.name);
  k8s::Labels variables;
  for (const std::string& entry :
       {fmt::format("{}.{}", name, framework.version), std::string(name)}) {
    const auto it = catalogue.variables.find(entry);
    if (it != catalogue.variables.end()) variables.insert(it->second.begin(), it->second.end());
  }
  return variables;
}

k8s::Result<FrameworkCatalogue> ReadCatalogue(const k8s::Labels& data) {
  if (data.size() > kCatalogueEntriesMax) {
    return Invalid(
        fmt::format("it has {} entries, more than {}", data.size(), kCatalogueEntriesMax));
  }
  FrameworkCatalogue catalogue;
  for (const auto& [key, value] : data) {
    if (const auto taken = TakeEntry(key, value, catalogue); !taken) {
      return k8s::unexpected(taken.error());
    }
  }
  return catalogue;
}

}  // namespace ffdl::v1
