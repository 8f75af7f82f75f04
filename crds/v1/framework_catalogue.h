// The catalogue of frameworks: which image a framework's name and version stand for in a cluster.
#pragma once

#include <cstddef>
#include <string>

#include "crds/v1/training_job.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/result.h"

namespace ffdl::v1 {

struct FrameworkCatalogue {
  k8s::Labels images;  // by entry
  // Why this is not what the ConfigMap says now, as half a sentence; "" when it is.
  std::string trouble;

  friend bool operator==(const FrameworkCatalogue&, const FrameworkCatalogue&) = default;
};

// "pytorch.2.5.gpu": what a job without an image asks the catalogue for.
[[nodiscard]] std::string CatalogueEntry(const TrainingJobSpec& spec);

// Reads the `data` of the ConfigMap: keys NAME.VERSION.cpu or NAME.VERSION.gpu, each with an image.
// One line that is wrong makes the whole of it kInvalid, so that nobody gets half a catalogue.
[[nodiscard]] k8s::Result<FrameworkCatalogue> ReadCatalogue(const k8s::Labels& data);

inline constexpr std::size_t kCatalogueEntriesMax = 1000;
inline constexpr std::size_t kCatalogueImageBytesMax = 1024;  // as spec.framework.image

}  // namespace ffdl::v1
