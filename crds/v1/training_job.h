// TrainingJob, version v1 of group ffdl.io: the API that users rely on, as C++ values. The CRD in
// crds/schema/ is the one source of names, defaults and bounds; test/unit/crds/schema_test.cc fails
// when these types and it disagree.
#pragma once

#include <string_view>

#include "crds/v1/training_job_spec.h"
#include "crds/v1/training_job_status.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/resource_type.h"

namespace ffdl::v1 {

inline constexpr k8s::ResourceType kTrainingJobType{"ffdl.io", "v1", "TrainingJob", "trainingjobs"};
inline constexpr std::string_view kApiVersion = "ffdl.io/v1";

struct TrainingJob {
  k8s::ObjectMeta meta;
  TrainingJobSpec spec;
  TrainingJobStatus status;

  friend bool operator==(const TrainingJob&, const TrainingJob&) = default;
};

}  // namespace ffdl::v1
