// The metrics of a controller, by the names and with the buckets of controller-runtime. Private to
// controller.cc.
#pragma once

#include <string>
#include <vector>

#include "k8s-client/runtime/controller.h"
#include "k8s-client/runtime/metrics.h"

namespace ffdl::k8s {

struct Controller::Meters {
  Counter& success;
  Counter& look_again;
  Counter& error;
  Counter& errors;
  Counter& terminal_errors;
  Histogram& seconds;
  Histogram& event_to_write;
  Gauge& active;

  Meters(Metrics& metrics, const std::string& name)
      : success(Result(metrics, name, "success")),
        look_again(Result(metrics, name, "requeue_after")),
        error(Result(metrics, name, "error")),
        errors(metrics.CounterOf("controller_runtime_reconcile_errors_total", "Passes that failed.",
                                 {{"controller", name}})),
        terminal_errors(metrics.CounterOf("controller_runtime_terminal_reconcile_errors_total",
                                          "Passes whose failure no retry can mend.",
                                          {{"controller", name}})),
        seconds(metrics.HistogramOf("controller_runtime_reconcile_time_seconds",
                                    "How long passes took, writes included.", ReconcileBounds(),
                                    {{"controller", name}})),
        event_to_write(metrics.HistogramOf("operator_event_to_write_seconds",
                                           "From the change to the first write that it led to.",
                                           ExponentialBounds(1e-4, 2, 18))),
        active(metrics.GaugeOf("controller_runtime_active_workers", "Passes under way.",
                               {{"controller", name}})) {}

  static std::vector<double> ReconcileBounds() {
    return {0.005, 0.01, 0.025, 0.05, 0.1,  0.15, 0.2,  0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6,
            0.7,   0.8,  0.9,   1.0,  1.25, 1.5,  1.75, 2.0,  2.5, 3.0,  3.5, 4.0,  4.5, 5,
            6,     7,    8,     9,    10,   15,   20,   25,   30,  40,   50,  60};
  }

  static Counter& Result(Metrics& metrics, const std::string& name, const char* result) {
    return metrics.CounterOf("controller_runtime_reconcile_total", "Passes, by result.",
                             {{"controller", name}, {"result", result}});
  }
};

}  // namespace ffdl::k8s
