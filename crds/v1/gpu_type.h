// A type of GPUs as the catalogue describes it, in lines like
//   resource: nvidia.com/gpu
//   nodeSelector: nvidia.com/gpu.product=NVIDIA-H200
//   taint: nvidia.com/gpu=present:NoSchedule
#pragma once

#include <cstddef>
#include <string_view>

#include "crds/v1/training_job.h"
#include "k8s-client/meta/result.h"

namespace ffdl::v1 {

// kInvalid, with the line, for one that is wrong. There is exactly one resource; of the others any
// number up to kGpuTypeLinesMax.
[[nodiscard]] k8s::Result<GpuType> ReadGpuType(std::string_view type, std::string_view text);

// The parts of a taint that was read: KEY[=VALUE]:EFFECT.
struct Taint {
  std::string_view key;
  std::string_view value;  // "" for any
  std::string_view effect;
};
[[nodiscard]] Taint PartsOfTaint(std::string_view taint);

inline constexpr std::string_view kGpuTypePrefix = "gpu-type.";
inline constexpr std::size_t kGpuTypeLinesMax = 32;

}  // namespace ffdl::v1
