#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "k8s-client/meta/plan.h"
#include "k8s-client/net/transport.h"
#include "k8s-client/runtime/context.h"
#include "k8s-client/runtime/object_reference.h"

namespace ffdl::k8s {

struct EventRecorderOptions {
  std::string controller;  // reportingController: "ffdl.io/operator"
  std::string instance;    // reportingInstance: the pod's name, at most 128 bytes
  // Asked before each request, on any thread: whether to tell nothing any more, because this
  // process may not write and is about to end. Never, if empty.
  std::function<bool()> silenced;
};

// Tells users what happened, as events.k8s.io/v1 Events. Each waits kCoalesce, and identical ones
// that come meanwhile are told as one. Later ones count up in the same series, which is told anew
// each kSeriesRefresh and when nothing was added to it for kSeriesSilenceMax; then it is closed.
//
// Best effort: what cannot be sent in time is dropped (oldest first) and counted, and nothing waits
// for it. Thread-safe; Record never blocks. One request at a time, on the transport's loop, so that
// events never delay other writes. May be destroyed while requests are in flight.
class EventRecorder {
 public:
  static constexpr std::size_t kQueueMax = 1000;
  static constexpr std::size_t kSeriesMax =
      1000;  // remembered at once; the longest silent go first
  static constexpr std::size_t kNoteBytesMax = 1024;  // the API's limit; longer notes are cut
  static constexpr std::chrono::milliseconds kCoalesce{1000};
  static constexpr std::chrono::minutes kSeriesRefresh{30};
  static constexpr std::chrono::minutes kSeriesSilenceMax{6};  // seen within kLookEvery
  static constexpr std::chrono::minutes kLookEvery{1};
  static constexpr int kBurstPerObject = 25;
  static constexpr std::chrono::seconds kRefillPerObject{10};  // one more event for an object each
  static constexpr int kAttemptsMax = 3;

  // Borrows.
  EventRecorder(EventRecorderOptions options, Transport& requests, RuntimeContext context);
  ~EventRecorder();
  EventRecorder(const EventRecorder&) = delete;
  EventRecorder& operator=(const EventRecorder&) = delete;

  void Record(const ObjectReference& regarding, const PendingEvent& event);

  // Sends what waits at once, each once; `flushed` is called on the loop when nothing waits any
  // more. For the end of a process.
  void Flush(std::function<void()> flushed);

 private:
  struct State;  // shared with callbacks
  std::shared_ptr<State> state_;
};

}  // namespace ffdl::k8s
