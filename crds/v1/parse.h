// The three parts of reading a TrainingJob, one source file each. Only for crds/v1; others use
// json.h.
#pragma once

#include "crds/v1/field_reader.h"
#include "crds/v1/training_job.h"
#include "k8s-client/meta/object_meta.h"

namespace ffdl::v1 {

void ReadMeta(FieldReader& in, k8s::ObjectMeta& out);
void ReadSpec(FieldReader& in, TrainingJobSpec& out);
void ReadStatus(FieldReader& in, TrainingJobStatus& out);

}  // namespace ffdl::v1
