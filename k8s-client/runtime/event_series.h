// One series of identical events, its text, and how many events an object may have. Private to
// event_recorder.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/plan.h"
#include "k8s-client/meta/time.h"
#include "k8s-client/runtime/event_recorder.h"
#include "k8s-client/runtime/object_reference.h"

namespace ffdl::k8s {

struct EventSeries {
  ObjectReference regarding;
  PendingEvent event;
  ObjectKey key;  // of the Event
  Time first{};
  Time last{};
  std::chrono::nanoseconds last_steady{0};
  int count = 1;
  int told_count = 0;  // 0 until the Event exists
  std::chrono::nanoseconds told_at{0};
  std::chrono::nanoseconds due{0};  // while it is queued
  bool queued = false;
  bool sending = false;  // its request is on its way
  bool closing = false;  // told for the last time
  int attempts = 0;
};

// What makes two events identical.
[[nodiscard]] std::string IdentityOf(const ObjectReference& regarding, const PendingEvent& event);

// A series that begins now. A note that is too long is cut.
[[nodiscard]] EventSeries BeginSeries(const ObjectReference& regarding, PendingEvent event,
                                      const std::string& instance, const Clock& clock);

// Of a create, and of a merge patch that tells the count anew.
[[nodiscard]] nlohmann::json EventBody(const EventSeries& series,
                                       const EventRecorderOptions& options);
[[nodiscard]] nlohmann::json CountPatch(const EventSeries& series);

// How many events each object may still have: a bucket of tokens for each, filled slowly.
class EventBudget {
 public:
  // Whether the object with this uid may have one more.
  bool Take(const std::string& uid, std::chrono::nanoseconds now);

 private:
  struct Bucket {
    double tokens = EventRecorder::kBurstPerObject;
    std::chrono::nanoseconds filled_at{0};
  };
  std::map<std::string, Bucket> buckets_;  // by uid
};

}  // namespace ffdl::k8s
