#include "crds/v1/gpu_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "crds/v1/catalogue_lines.h"

namespace ffdl::v1 {
namespace {

using Trouble = std::optional<std::string>;

// What stands before the first `sign`, which goes with it; nothing when there is none.
std::optional<std::string_view> TakeUntil(std::string_view& text, char sign) {
  const std::size_t at = text.find(sign);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

Trouble TakeResource(std::string_view name, GpuType& out) {
  if (!out.resource.empty()) return "names a second resource";
  // Those without a domain, or with Kubernetes' own, cannot be devices.
  if (!IsQualifiedName(name) || name.find('/') == std::string_view::npos ||
      name.find("kubernetes.io/") != std::string_view::npos) {
    return fmt::format("must name an extended resource like 'nvidia.com/gpu', found '{}'", name);
  }
  out.resource = name;
  return std::nullopt;
}

Trouble TakeLabel(std::string_view label, GpuType& out) {
  std::string_view value = label;
  const std::optional<std::string_view> key = TakeUntil(value, '=');
  if (!key || !IsQualifiedName(*key) || !IsLabelValue(value)) {
    return fmt::format("must have a label like 'nvidia.com/gpu.product=NVIDIA-H200', found '{}'",
                       label);
  }
  if (!out.node_selector.emplace(*key, value).second) {
    return fmt::format("has the label '{}' again", *key);
  }
  return std::nullopt;
}

Trouble TakeTaint(std::string_view taint, GpuType& out) {
  const Taint parts = PartsOfTaint(taint);
  if (!IsQualifiedName(parts.key) || !IsLabelValue(parts.value) ||
      (parts.effect != "NoSchedule" && parts.effect != "PreferNoSchedule" &&
       parts.effect != "NoExecute")) {
    return fmt::format("must have a taint like 'nvidia.com/gpu=present:NoSchedule', found '{}'",
                       taint);
  }
  out.taints.emplace_back(taint);
  return std::nullopt;
}

Trouble TakeLine(std::string_view line, GpuType& out) {
  std::string_view value = line;
  const std::string_view word = TakeUntil(value, ':').value_or("");
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  if (word == "resource") return TakeResource(value, out);
  if (word == "nodeSelector") return TakeLabel(value, out);
  if (word == "taint") return TakeTaint(value, out);
  return fmt::format("must begin with 'resource:', 'nodeSelector:' or 'taint:', found '{}'", line);
}

}  // namespace

Taint PartsOfTaint(std::string_view taint) {
  Taint parts;
  const std::size_t colon = taint.rfind(':');
  if (colon == std::string_view::npos) return parts;
  parts.effect = taint.substr(colon + 1);
  parts.value = taint.substr(0, colon);
  if (const auto key = TakeUntil(parts.value, '=')) {
    parts.key = *key;
  } else {
    parts.key = std::exchange(parts.value, {});
  }
  return parts;
}

k8s::Result<GpuType> ReadGpuType(std::string_view type, std::string_view text) {
  const std::string entry = fmt::format("{}{}", kGpuTypePrefix, type);
  GpuType out{.type = std::string(type)};
  std::size_t lines = 0;
  const auto read = ForEachLine(entry, text, [&](std::string_view line) {
    if (++lines > kGpuTypeLinesMax)
      return Trouble(fmt::format("is one of more than {}", kGpuTypeLinesMax));
    return TakeLine(line, out);
  });
  if (!read) return k8s::unexpected(read.error());
  if (out.resource.empty()) {
    return k8s::Fail(k8s::ErrorCode::kInvalid,
                     fmt::format("'{}' must have a line like 'resource: nvidia.com/gpu'", entry));
  }
  return out;
}

}  // namespace ffdl::v1
