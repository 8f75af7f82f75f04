// What can go wrong, and where: a plan of faults as data and as text.
#pragma once

#include <chrono>
#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "k8s-client/meta/result.h"

namespace ffdl::simulation {

// Where a fault can strike: the nth time that one of these happens to an operator.
enum class Where {
  kWrite,  // a write of objects, status or events leaves an operator
  kLease,  // a write of the lease does
  kRead,   // a read of one object does
  kEvent,  // a watch event is on its way to an operator
  kFill,   // an operator asks for everything there is of a kind
};

struct Place {
  Where where = Where::kWrite;
  int nth = 1;

  friend auto operator<=>(const Place&, const Place&) = default;
};

enum class FaultKind {
  // The process
  kCrashBefore,     // dies; what it was about to send is not sent
  kCrashAfter,      // dies when its request has been carried out, or its event has been sent
  kCrashToLagging,  // dies; the next one is served by a server that lags behind
  kPause,           // freezes for longer than its lease
  kStop,            // is told to stop in order (SIGTERM), and another one begins
  // A request
  kNotSent,        // connection refused
  kLost,           // times out; was not carried out
  kAnswerLost,     // times out; was carried out
  kLate,           // times out; is carried out a moment after that
  kSlow,           // is carried out just before it would time out
  kConflict,       // 409
  kThrottled,      // 429 with Retry-After
  kThrottledBare,  // 429 without
  kErrorBefore,    // 500; was not carried out
  kErrorAfter,     // 500; was carried out
  kPartition,      // this and everything else on the same connection is lost for two leases
  // A watch or a list
  kDelay,         // this event and all after it come late
  kCut,           // the stream ends in order before it
  kBreak,         // the connection breaks in the middle of it
  kExpire,        // 410 as an event
  kExpireStatus,  // the stream ends, and to resume it is answered by HTTP 410
  kCoalesce,      // the stream stalls, then 410: only the newest state is ever seen
  kTimeTravel,    // 410, and the list that follows shows the past once
  kNoStreaming,   // 422: the server has no streaming lists
  kNeverEnds,     // the end of the streaming list is never told
  kForbidden,     // 403
  kAbsent,        // 404: the CRD is not there yet
};

struct Fault {
  Place place;
  FaultKind kind = FaultKind::kCrashBefore;

  friend bool operator==(const Fault&, const Fault&) = default;
};

using FaultPlan = std::vector<Fault>;

// The kinds that make sense at such a place.
[[nodiscard]] std::span<const FaultKind> KindsAt(Where where);

// "crash-after@write:7"; a plan is its faults with commas between, "none" without any.
[[nodiscard]] std::string ToString(const Fault& fault);
[[nodiscard]] std::string ToString(const FaultPlan& plan);
[[nodiscard]] std::string_view ToString(FaultKind kind);
[[nodiscard]] k8s::Result<FaultPlan> ParseFaultPlan(std::string_view text);

}  // namespace ffdl::simulation
