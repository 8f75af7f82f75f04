// TrainingJob to and from JSON, with the names of the CRD.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "crds/v1/training_job.h"
#include "k8s-client/meta/result.h"

namespace ffdl::v1 {

// Reads an object as the API server sends it. Fields that it does not know are skipped and fields
// that are missing get the schema's defaults, so that an object written by another version still
// reads. A value of the wrong type is kBadResponse with the field's path in the message;
// metadata.managedFields are skipped without being kept. Never throws. Thread-safe.
[[nodiscard]] k8s::Result<TrainingJob> ParseTrainingJob(std::string_view text);

// The value of `status`, complete: what is not set is not there.
[[nodiscard]] nlohmann::json ToJson(const TrainingJobStatus& status);

[[nodiscard]] std::string_view ToString(State state);  // "" for kNone
[[nodiscard]] std::string_view ToString(FrameworkName name);
[[nodiscard]] std::string_view ToString(FailureAction action);
[[nodiscard]] std::string_view ToString(CompletionPolicy policy);

}  // namespace ffdl::v1
