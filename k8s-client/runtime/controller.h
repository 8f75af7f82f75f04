#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "k8s-client/informer/cache_view.h"
#include "k8s-client/meta/plan.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/runtime/consistency_tracker.h"
#include "k8s-client/runtime/context.h"
#include "k8s-client/runtime/decision_trace.h"
#include "k8s-client/runtime/event_recorder.h"
#include "k8s-client/runtime/executor.h"
#include "k8s-client/runtime/lifeline.h"
#include "k8s-client/runtime/work_queue.h"
#include "k8s-client/runtime/write_gate.h"

namespace ffdl::k8s {

struct ControllerOptions {
  std::string name;           // label of metrics, field of log lines: "trainingjob"
  std::string field_manager;  // see ExecutorOptions
  // Threads that plan. With none, passes run on the requests transport's loop, one after the other:
  // the way a simulation on a virtual clock drives them.
  int workers = 2;
  // After an error that no retry can help (RetryFor is kNever), unless something changes before.
  std::chrono::milliseconds hopeless_retry{std::chrono::minutes(5)};
  // After so many passes in a row that met no server, passes come one at a time and at most one in
  // `unavailable_pause`, until one succeeds or RetryNow is called.
  int unavailable_max = 3;
  std::chrono::milliseconds unavailable_pause{8'000};
};

// Brings the objects of one kind to what they should be: takes a key from the queue, waits until
// the caches show what the last pass wrote, asks the plan function, lets the executor carry the
// plan out, and retries what failed.
//
// Start-up: construct, Use every cache, start the informers, StartWorking once this process leads
// and the caches are filled. Until then keys gather. Thread-safe except where stated.
class Controller {
 public:
  // What to do for the object now. Runs on a worker, for one key never twice at a time. Reads
  // caches; does no I/O. An object that is gone gives an empty plan.
  using PlanFunction = std::function<Result<Plan>(const ObjectKey&, Time now)>;
  // Names the object that events of `key` are about; nothing when it is gone. Runs on a worker.
  using DescribeFunction = std::function<std::optional<ObjectReference>(const ObjectKey&)>;

  // Borrows the transport, the gate, the recorder and what the context borrows.
  Controller(ControllerOptions options, PlanFunction plan, DescribeFunction describe,
             Transport& requests, const WriteGate& gate, EventRecorder& events,
             RuntimeContext context);
  // Requires that Stop has called back, or that StartWorking was never called. Joins the threads.
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  // Lets passes wait for this cache to show their own writes. Before the cache's informer is
  // started.
  void Use(CacheView& cache);

  // Asks for a pass. To be called for each change of the object or of something it owns.
  void Enqueue(const ObjectKey& key, Lane lane = Lane::kChild) { queue_.Add(key, lane); }
  // Called, on any thread, when keys were lost to the queue's limit: Enqueue all there are.
  void OnRefill(std::function<void()> refill) { queue_.OnRefill(std::move(refill)); }

  // Told, on the requests transport's loop, of a write that only a person can help (RetryFor is
  // kNever, or another's object has the name). The object is then planned again after the usual
  // back-off, so that the plan function can tell its users; without such a handler they get an
  // event, and the next pass is after `hopeless_retry`. Before StartWorking.
  void OnHopeless(std::function<void(const ObjectKey&, const Error&)> handler) {
    hopeless_ = std::move(handler);
  }

  // The server answers again: passes that wait for it come now.
  void RetryNow();

  // Once.
  void StartWorking();

  // For people: what waits, and what was decided. Any thread.
  [[nodiscard]] WorkQueueSnapshot QueueSnapshot(std::size_t count) const {
    return queue_.Snapshot(count);
  }
  [[nodiscard]] const DecisionTrace& trace() const { return trace_; }

  // For how long the plan function has been running on the worker where it takes longest: it does
  // no I/O, so more than a moment is a defect. Any thread.
  [[nodiscard]] std::chrono::nanoseconds PlanningFor() const;

  // No further pass begins; passes under way are carried out to their end. `drained` is called, on
  // any thread, when the last is done. Nothing is written afterwards.
  void Stop(std::function<void()> drained);

 private:
  struct Meters;
  struct Pass;

  void Work(std::size_t worker);  // the life of a worker thread
  void RunReadyKeys();            // the same without threads
  void Process(const WorkItem& item, std::size_t worker);
  void WaitForCaches(const WorkItem& item);
  void LookUpUnknown(const WorkItem& item);
  void PlanAndExecute(const WorkItem& item, std::size_t worker);
  Result<Plan> MakePlan(const ObjectKey& key, std::size_t worker);
  void Trace(const Pass& pass, std::string result);
  void MeasureCaches();
  void Succeed(const Pass& pass);
  void Fail(const Pass& pass, const Error& error);
  void RetryLater(const Pass& pass, const Error& error);
  void TellUser(const Pass& pass, const Error& error);
  void LookAgain(const Pass& pass, std::chrono::milliseconds delay);

  const ControllerOptions options_;
  const PlanFunction plan_;
  const DescribeFunction describe_;
  std::function<void(const ObjectKey&, const Error&)> hopeless_;
  const RuntimeContext context_;
  EventLoop& loop_;
  EventRecorder& events_;
  WorkQueue queue_;
  ConsistencyTracker tracker_;
  Executor executor_;
  std::unique_ptr<Meters> meters_;
  DecisionTrace trace_;
  std::atomic<int> unavailable_in_a_row_{0};
  std::vector<std::atomic<std::int64_t>> planning_since_ns_;  // one a worker; 0 while it does not
  Lifeline lifeline_;
  std::vector<std::jthread> threads_;  // last: end before what they use
};

}  // namespace ffdl::k8s
