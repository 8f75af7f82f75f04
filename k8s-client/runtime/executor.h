#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "k8s-client/api/client.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/plan.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/runtime/consistency_tracker.h"
#include "k8s-client/runtime/context.h"
#include "k8s-client/runtime/event_recorder.h"
#include "k8s-client/runtime/lifeline.h"
#include "k8s-client/runtime/object_reference.h"
#include "k8s-client/runtime/time_limited_transport.h"
#include "k8s-client/runtime/view_guard.h"
#include "k8s-client/runtime/write_gate.h"

namespace ffdl::k8s {

struct ExecutorOptions {
  std::string field_manager;  // of applies; "<field_manager>-status" writes the status
  // Of each request. Well below what is left of a lease after a renewal, or nothing could ever be
  // written.
  std::chrono::milliseconds request_timeout{6'000};
};

// Carries out plans: the actions in order, then the status, then the events. Deletes that follow
// each other are sent together, kDeletesTogetherMax at a time. The first write that fails ends the
// plan, once all that were sent have been answered. Before every write it asks the gate; after
// every write it tells the tracker.
//
// A destructive write (every delete, and what the planner calls so) needs caches that are fresh, as
// ViewGuard has it: else it is not sent (kUnavailable), or only after a live look at its target,
// whose uid and version it then expects. A target that is not what the cache shows ends the plan
// with kConflict.
//
// What counts as done:
//   create  committed; or the name is taken by an object whose controller has the uid of the
//           first owner in the body (looked up live); a blind one, when the name is taken at all
//   apply   committed; a conflict of one without force is looked up live and, unless the object is
//           ours, is kAlreadyExists like that of a create
//   delete  committed; 404; or another uid has the name by now
// A write whose outcome is unknown is looked up live, never repeated blindly. A create that turns
// out to be ours counts as done; anything else ends the plan with kUnavailable, for the next pass
// to see.
//
// Thread-safe. Callbacks run on the transport's loop. Every Execute must have called back before
// the executor is destroyed.
class Executor {
 public:
  using Done = std::function<void(Result<void>)>;

  // As many as a server with few workers takes from one client without queueing others' requests.
  static constexpr std::size_t kDeletesTogetherMax = 16;

  // Borrows everything.
  Executor(ExecutorOptions options, Transport& requests, const WriteGate& gate,
           ConsistencyTracker& tracker, EventRecorder& events, RuntimeContext context);
  ~Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // `key` is the object that the plan is for; events are about `regarding`, and dropped without
  // one. The error names the write: "create StatefulSet ml/bert-learner: ...".
  void Execute(const ObjectKey& key, const std::optional<ObjectReference>& regarding, Plan plan,
               Done done);

  // Reads every object that the tracker holds as unknown for `key`, and tells the tracker.
  void LookUpUnknown(const ObjectKey& key, Done done);

 private:
  struct Pass;
  using PassPtr = std::shared_ptr<Pass>;

  struct Deletes;

  void Next(const PassPtr& pass);
  void DeleteTogether(const PassPtr& pass, std::size_t end);
  void DeleteNext(const std::shared_ptr<Deletes>& deletes);
  void Write(const PassPtr& pass);
  void LookThenWrite(const PassPtr& pass);
  void JudgeTarget(const PassPtr& pass, const std::optional<ObjectMeta>& live);
  void Send(const PassPtr& pass);
  [[nodiscard]] bool WouldBeSeen(const Action& action) const;
  // Whether our own watch shows an object with such labels.
  [[nodiscard]] bool IsSeen(const ResourceType& type, const Labels& labels) const;
  void OnWritten(const PassPtr& pass, const WriteResult& result);
  void LookAtOwner(const PassPtr& pass);
  void OnRejected(const PassPtr& pass, const Error& error);
  void OnDeleteRejected(const PassPtr& pass, const Error& error);
  void OnUnknown(const PassPtr& pass, const Error& cause);
  void JudgeUnknown(const PassPtr& pass, const std::optional<ObjectMeta>& live, const Error& cause);
  void JudgeExisting(const PassPtr& pass, const ObjectMeta& live);
  void Proceed(const PassPtr& pass);
  void Gone(const PassPtr& pass);
  static void End(const PassPtr& pass, Error error);

  // Nothing when there is no such object.
  using OnLive = std::function<void(Result<std::optional<ObjectMeta>>)>;
  void LookUp(const ConsistencyTracker::Target& target, OnLive done);
  void LookUpAll(const ObjectKey& key, std::vector<ConsistencyTracker::Target> left, Done done);

  const ExecutorOptions options_;
  TimeLimitedTransport transport_;
  Client client_;
  const WriteGate& gate_;
  ConsistencyTracker& tracker_;
  EventRecorder& events_;
  const RuntimeContext context_;
  ViewGuard guard_;
  Counter& ambiguous_writes_;
  Counter& refused_writes_;
  Counter& looks_;
  Gauge& in_flight_;
  Lifeline lifeline_;
};

}  // namespace ffdl::k8s
