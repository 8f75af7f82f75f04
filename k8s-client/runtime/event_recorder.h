#pragma once

#include <cstddef>
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
};

// Tells users what happened, as events.k8s.io/v1 Events. Identical events within kSeriesSilenceMax
// become one series: the first is created, the others count up. Best effort: what cannot be sent in
// time is dropped (oldest first) and counted, and nothing waits for it.
//
// Thread-safe; Record never blocks. One request at a time, on the transport's loop. May be
// destroyed while requests are in flight.
class EventRecorder {
 public:
  static constexpr std::size_t kQueueMax = 1000;
  static constexpr std::size_t kSeriesMax =
      1000;  // remembered at once; the longest silent go first
  static constexpr std::size_t kNoteBytesMax = 1024;  // the API's limit; longer notes are cut
  static constexpr std::chrono::minutes kSeriesSilenceMax{6};
  static constexpr int kBurstPerObject = 25;
  static constexpr std::chrono::seconds kRefillPerObject{10};  // one more event for an object each
  static constexpr int kAttemptsMax = 3;

  // Borrows.
  EventRecorder(EventRecorderOptions options, Transport& requests, RuntimeContext context);
  ~EventRecorder();
  EventRecorder(const EventRecorder&) = delete;
  EventRecorder& operator=(const EventRecorder&) = delete;

  void Record(const ObjectReference& regarding, const PendingEvent& event);

 private:
  struct State;  // shared with callbacks
  std::shared_ptr<State> state_;
};

}  // namespace ffdl::k8s
