// The catalogue of frameworks: which image a framework's name and version stand for in a cluster,
// what its learners find in their environment, and what types of GPUs there are.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "crds/v1/training_job.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/result.h"

namespace ffdl::v1 {

struct FrameworkCatalogue {
  k8s::Labels images;                                         // by entry
  std::map<std::string, k8s::Labels, std::less<>> variables;  // by "pytorch" or "pytorch.2.5"
  std::map<std::string, GpuType, std::less<>> gpu_types;      // by type
  // Why this is not what the ConfigMap says now, as half a sentence; "" when it is.
  std::string trouble;

  friend bool operator==(const FrameworkCatalogue&, const FrameworkCatalogue&) = default;
};

// "pytorch.2.5.gpu": what a job without an image asks the catalogue for.
[[nodiscard]] std::string CatalogueEntry(const TrainingJobSpec& spec);

// The environment of learners that run an image of the catalogue: what it has for the framework,
// and for this version of it, which counts for more.
[[nodiscard]] k8s::Labels CatalogueVariables(const Framework& framework,
                                             const FrameworkCatalogue& catalogue);

// Reads the `data` of the ConfigMap. Keys are
//   NAME.VERSION.cpu, NAME.VERSION.gpu  with an image
//   env.NAME, env.NAME.VERSION          with lines NAME=VALUE
//   gpu-type.TYPE                       with lines as ReadGpuType takes them
// One line that is wrong makes the whole of it kInvalid, so that nobody gets half a catalogue.
[[nodiscard]] k8s::Result<FrameworkCatalogue> ReadCatalogue(const k8s::Labels& data);

inline constexpr std::size_t kCatalogueEntriesMax = 1000;
inline constexpr std::size_t kCatalogueImageBytesMax = 1024;  // as spec.framework.image
inline constexpr std::size_t kCatalogueVariablesMax = 32;     // of one entry
inline constexpr std::size_t kCatalogueValueBytesMax = 1024;

}  // namespace ffdl::v1
