// The metrics of a work queue, by the names and with the buckets of client-go and
// controller-runtime. Private to work_queue.cc.
#pragma once

#include <array>
#include <chrono>
#include <string>

#include "k8s-client/runtime/fair_lanes.h"
#include "k8s-client/runtime/metrics.h"

namespace ffdl::k8s {

struct WorkQueueMeters {
  WorkQueueMeters(Metrics& metrics, const std::string& name);

  // What waits, by lane; `standby` while nothing may be taken.
  void Depth(const FairLanes& waiting, bool standby);

  Counter& adds;
  Counter& retries;
  Counter& dropped;
  Histogram& waited;
  Histogram& worked;
  Gauge& unfinished;  // seconds that keys are with workers by now, all together
  Gauge& longest;

 private:
  using Lanes = std::array<Gauge*, kLaneCount>;
  static Lanes DepthsOf(Metrics& metrics, const std::string& name, bool standby);

  Lanes depths_;
  Lanes standby_depths_;
};

}  // namespace ffdl::k8s
