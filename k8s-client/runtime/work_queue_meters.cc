#include "k8s-client/runtime/work_queue_meters.h"

namespace ffdl::k8s {
namespace {

MetricLabels LabelsOf(const std::string& name) { return {{"name", name}, {"controller", name}}; }

Histogram& Seconds(Metrics& metrics, const std::string& name, const char* metric,
                   const char* help) {
  return metrics.HistogramOf(metric, help, ExponentialBounds(10e-9, 10, 10), LabelsOf(name));
}

}  // namespace

WorkQueueMeters::WorkQueueMeters(Metrics& metrics, const std::string& name)
    : adds(metrics.CounterOf("workqueue_adds_total", "Keys added.", LabelsOf(name))),
      retries(metrics.CounterOf("workqueue_retries_total", "Keys added after a failure.",
                                LabelsOf(name))),
      dropped(metrics.CounterOf("workqueue_dropped_total", "Keys that found the queue full.",
                                LabelsOf(name))),
      waited(Seconds(metrics, name, "workqueue_queue_duration_seconds", "How long keys waited.")),
      worked(Seconds(metrics, name, "workqueue_work_duration_seconds",
                     "How long keys were with a worker.")),
      unfinished(metrics.GaugeOf("workqueue_unfinished_work_seconds",
                                 "How long keys are with workers by now, all together.",
                                 LabelsOf(name))),
      longest(metrics.GaugeOf("workqueue_longest_running_processor_seconds",
                              "How long the key that is with a worker for longest is.",
                              LabelsOf(name))),
      depths_(DepthsOf(metrics, name, /*standby=*/false)),
      standby_depths_(DepthsOf(metrics, name, /*standby=*/true)) {}

WorkQueueMeters::Lanes WorkQueueMeters::DepthsOf(Metrics& metrics, const std::string& name,
                                                 bool standby) {
  Lanes gauges{};
  for (std::size_t lane = 0; lane < kLaneCount; ++lane) {
    MetricLabels labels = LabelsOf(name);
    labels.emplace_back("priority", std::to_string(lane));
    labels.emplace_back("standby", standby ? "true" : "false");
    gauges.at(lane) = &metrics.GaugeOf("workqueue_depth",
                                       "Keys that wait; priority 0 is the most urgent.", labels);
  }
  return gauges;
}

void WorkQueueMeters::Depth(const FairLanes& waiting, bool standby) {
  for (std::size_t lane = 0; lane < kLaneCount; ++lane) {
    const auto depth = static_cast<double>(waiting.size(static_cast<Lane>(lane)));
    depths_.at(lane)->Set(standby ? 0 : depth);
    standby_depths_.at(lane)->Set(standby ? depth : 0);
  }
}

}  // namespace ffdl::k8s
