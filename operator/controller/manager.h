#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "k8s-client/net/retrying_transport.h"
#include "k8s-client/net/transport.h"
#include "k8s-client/runtime/context.h"
#include "k8s-client/runtime/controller.h"
#include "k8s-client/runtime/event_recorder.h"
#include "k8s-client/runtime/leader_elector.h"
#include "k8s-client/runtime/lifeline.h"
#include "k8s-client/runtime/write_gate.h"
#include "operator/controller/caches.h"
#include "operator/controller/catalogue.h"
#include "operator/controller/job_keys.h"
#include "operator/controller/job_metrics.h"
#include "operator/controller/options.h"
#include "operator/controller/trace_exporter.h"
#include "operator/controller/training_jobs.h"

namespace ffdl::server {

// The operator without its surroundings: caches, election, controller and events, wired to each
// other. It knows no sockets, no files and no clock of its own, so it runs the same on a real
// network and on a virtual clock. Built and destroyed on one thread.
class Manager {
 public:
  // One connection each, so that none can delay another. Borrowed.
  struct Transports {
    k8s::Transport& lease;
    k8s::Transport& watches;
    k8s::Transport& requests;
    k8s::Transport* traces = nullptr;  // to a collector; null for none
  };
  // Which process of which machine we are.
  struct Host {
    std::string name;  // reportingInstance of events, the front of the lease holder's identity
    std::string ns;    // where the lease is, unless the options name another namespace
  };

  // Borrows what the transports and the context refer to.
  Manager(const Options& options, const Host& host, Transports transports,
          k8s::RuntimeContext context, NewKey new_key = SystemKey);
  // Nothing may call back any more: each transport has ended, or never will run another callback.
  // Timers of the requests' loop are still cancelled.
  ~Manager() = default;
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  // Starts watching; works as soon as the caches are filled and this process leads. `lost` is
  // called, on the lease's loop, when the lease was lost: the process must end at once, without
  // stopping in order.
  void Start(std::function<void()> lost);

  // The two halves of stopping in order. Begins no further pass and calls back, on any thread, when
  // those under way are done; then nothing is written any more.
  void Drain(std::function<void()> drained);
  // Gives the lease back and calls back on the lease's loop, or at once when there is none. Only
  // after Drain has called back.
  void Release(std::function<void()> released);

  // Tells what users have not been told yet. The last thing: it needs no lease.
  void FlushEvents(std::function<void()> flushed);

  // See LeaderElector::overdue. Any thread.
  [[nodiscard]] bool overdue() const { return elector_ && elector_->overdue(); }

  [[nodiscard]] Caches& caches() { return caches_; }
  [[nodiscard]] const k8s::Controller& controller() const { return controller_; }

 private:
  void Wire();
  void Lead();
  void MaybeWork();
  [[nodiscard]] const k8s::WriteGate& gate() const;

  const k8s::RuntimeContext context_;
  k8s::RetryingTransport requests_;  // of the controller
  k8s::Outage outage_;               // of the watches
  Caches caches_;
  JobMetrics job_metrics_;
  TraceExporter traces_;
  Catalogue catalogue_;
  TrainingJobs training_jobs_;
  k8s::EventRecorder events_;
  std::function<void()> lost_;
  k8s::OpenGate open_gate_;
  std::unique_ptr<k8s::LeaderElector> elector_;  // none with --leader_elect=false
  k8s::Controller controller_;
  std::atomic<bool> leads_{false};
  std::atomic<bool> working_{false};
  k8s::Lifeline lifeline_;
};

}  // namespace ffdl::server
