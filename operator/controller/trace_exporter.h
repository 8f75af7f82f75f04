#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string_view>

#include "crds/v1/training_job.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/net/transport.h"
#include "k8s-client/runtime/context.h"

namespace ffdl::server {

// Tells a collector of OpenTelemetry of each job that ends: OTLP over HTTP with JSON, one request a
// job. Nothing waits for the collector, and what it does not take is dropped: traces are for people
// who look back, and status has the same.
//
//   ffdl_traces_total{result}   sent, refused (an answer other than 2xx), lost (no answer) or
//                               dropped (too many under way)
//
// Thread-safe.
class TraceExporter {
 public:
  static constexpr int kUnderWayMax = 100;
  static constexpr std::chrono::seconds kTimeout{10};
  static constexpr std::string_view kPath = "/v1/traces";

  // Borrows the transport; null sends nothing.
  TraceExporter(k8s::Transport* transport, k8s::RuntimeContext context);
  ~TraceExporter() = default;
  TraceExporter(const TraceExporter&) = delete;
  TraceExporter& operator=(const TraceExporter&) = delete;

  // A job came (no `before`), changed, or went (no `after`).
  void Note(const v1::TrainingJob* before, const v1::TrainingJob* after);

  // From now on it is we who tell.
  void Lead() { leads_ = true; }

 private:
  void Send(const v1::TrainingJob& job);
  void OnAnswer(const tl::expected<k8s::HttpResponse, k8s::TransportError>& answer);
  void Count(std::string_view result);

  k8s::Transport* const transport_;
  const k8s::RuntimeContext context_;
  std::atomic<bool> leads_{false};
  std::atomic<bool> fails_{false};  // so that a collector that is away is told of once
  std::atomic<int> under_way_{0};
};

}  // namespace ffdl::server
