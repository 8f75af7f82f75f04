// The life of a job as one trace of OpenTelemetry, made from its status alone: whoever makes it,
// and however often, it is the same.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "crds/v1/training_job.h"

namespace ffdl::server {

// The W3C trace id of a job: its uid, which has as many digits.
[[nodiscard]] std::string TraceIdOf(std::string_view uid);

// A job that is over as an ExportTraceServiceRequest of OTLP in JSON: a span for the job, below it
// one for each attempt that status.history has, with its time to start and its run, and what was
// between them (queued, a pause, suspended).
[[nodiscard]] nlohmann::json JobTrace(const v1::TrainingJob& job);

}  // namespace ffdl::server
