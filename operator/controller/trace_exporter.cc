#include "operator/controller/trace_exporter.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "operator/controller/job_trace.h"

namespace ffdl::server {

TraceExporter::TraceExporter(k8s::Transport* transport, k8s::RuntimeContext context)
    : transport_(transport), context_(std::move(context)) {}

void TraceExporter::Note(const v1::TrainingJob* before, const v1::TrainingJob* after) {
  if (transport_ == nullptr || !leads_ || before == nullptr || after == nullptr) return;
  if (before->status.completion_time || !after->status.completion_time) return;
  Send(*after);
}

void TraceExporter::Send(const v1::TrainingJob& job) {
  if (++under_way_ > kUnderWayMax) {
    --under_way_;
    Count("dropped");
    return;
  }
  transport_->Send(
      {.method = "POST",
       .path = std::string(kPath),
       .content_type = "application/json",
       .accept = "*/*",
       .body = JobTrace(job).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
       .timeout = kTimeout},
      [this](const auto& answer) { OnAnswer(answer); });
}

void TraceExporter::OnAnswer(const tl::expected<k8s::HttpResponse, k8s::TransportError>& answer) {
  --under_way_;
  const bool taken = answer && answer->status / 100 == 2;
  Count(taken ? "sent" : answer ? "refused" : "lost");
  if (taken == !fails_.exchange(!taken)) return;
  if (taken) {
    context_.log(k8s::LogLevel::kInfo, "the collector takes traces again");
  } else {
    context_.log(k8s::LogLevel::kWarning,
                 fmt::format("the collector took no trace: {}; traces are dropped until it does",
                             answer ? fmt::format("it answered {}", answer->status)
                                    : answer.error().error.message));
  }
}

void TraceExporter::Count(std::string_view result) {
  context_.metrics
      .CounterOf("ffdl_traces_total", "Traces of jobs, by what became of them.",
                 {{"result", std::string(result)}})
      .Add(1);
}

}  // namespace ffdl::server
