#include "test/simulation/watch_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;
using enum FaultKind;

constexpr std::chrono::seconds kBookmarkEvery{60};
constexpr std::chrono::seconds kFreshMax{3};  // a server that lags longer gives up
constexpr std::chrono::seconds kDelayed{7};
constexpr std::chrono::seconds kStalled{20};
constexpr int kCutOneIn = 8;  // lines that come in two pieces
constexpr std::int64_t kPastBy = 8;

std::string_view WordOf(Change change) {
  switch (change) {
    case Change::kAdded:
      return "ADDED";
    case Change::kModified:
      return "MODIFIED";
    case Change::kDeleted:
      return "DELETED";
  }
  return "";
}

std::string EventLine(std::string_view type, std::string_view object) {
  std::string line;
  line.reserve(object.size() + 40);
  line.append(R"({"type":")").append(type).append(R"(","object":)").append(object).append("}\n");
  return line;
}

std::int64_t Number(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

void WatchStream::Begin() {
  auto self = shared_from_this();
  network_.servers.After(network_.Latency(), [self] {
    if (self->closed_) return;
    if (self->fills()) {
      self->BeginFill();
    } else {
      self->Resume();
    }
  });
}

void WatchStream::Close() {
  closed_ = true;
  FallSilent();
}

void WatchStream::FallSilent() {
  silent_ = true;
  if (!subscription_) return;
  // Not at once: the cache may be telling this very stream of an event.
  network_.servers.Post([this, self = shared_from_this(), id = *std::exchange(subscription_, {})] {
    cache().Unsubscribe(id);
  });
}

void WatchStream::BeginFill() {
  const std::string what = fmt::format("list {}", request_.kind->plural);
  const auto fault = network_.faults.At(Where::kFill, transport_.victim_.name(), what);
  FillFault fill_fault = FillFault::kNone;
  if (fault == kCrashBefore) return transport_.victim_.Crash(/*next_to_lagging=*/false);
  if (fault == kThrottled) return Refuse(TooManyRequests(3s));
  if (fault == kErrorBefore) return Refuse(InternalError());
  if (fault == kExpireStatus) return Refuse(Expired(0, transport_.frontend_.api().log().version()));
  if (fault == kForbidden) return Refuse(simulation::Refuse(403, "Forbidden", what));
  if (fault == kAbsent) return Refuse(simulation::Refuse(404, "NotFound", "404 page not found"));
  if (fault == kNoStreaming) {
    return Refuse(simulation::Refuse(
        422, "Invalid", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch"));
  }
  if (fault == kBreak) fill_fault = FillFault::kBreaks;
  if (fault == kNeverEnds) fill_fault = FillFault::kNeverEnds;
  // Version 0 asks for whatever there is.
  if (request_.Query("resourceVersion") == "0") return SendList(fill_fault, fault);
  const auto asked_at = network_.time.Steady();
  cache().WhenFresh([self = shared_from_this(), fill_fault, fault, asked_at] {
    if (self->closed_) return;
    if (self->network_.time.Steady() - asked_at > kFreshMax) {
      const std::int64_t newest = self->transport_.frontend_.api().log().version();
      return self->Refuse(TooLargeVersion(newest, self->cache().version()));
    }
    self->SendList(fill_fault, fault);
  });
}

// A list from before, as a server gives it that has lost its newest state; once.
std::optional<std::pair<Objects, std::int64_t>> WatchStream::Past() const {
  if (transport_.past_.erase(request_.kind->plural) == 0) return std::nullopt;
  const ObjectLog& log = transport_.frontend_.api().log();
  const std::int64_t version = std::max<std::int64_t>(log.version() - kPastBy, 1);
  return std::pair(log.At(*request_.kind, version), version);
}

void WatchStream::SendList(FillFault fault, std::optional<FaultKind> process_fault) {
  auto [objects, version] = Past().value_or(std::pair(cache().objects(), cache().version()));
  Head({});
  for (const auto& [key, object] : objects) {
    if (Matches(request_, *object)) Bytes(EventLine("ADDED", object->Text()));
  }
  if (fault == FillFault::kBreaks) return End(/*in_order=*/false);
  if (fault == FillFault::kNone) Bookmark(/*ends_fill=*/true, version);
  if (process_fault == kCrashAfter) {
    network_.servers.After(50ms, [self = shared_from_this()] {
      self->transport_.victim_.Crash(/*next_to_lagging=*/false);
    });
  }
  if (fault == FillFault::kNone) FollowFrom(version);
}

void WatchStream::Resume() {
  const std::int64_t version = Number(request_.Query("resourceVersion"));
  const auto compacted = transport_.compacted_.find(request_.kind->plural);
  if (compacted != transport_.compacted_.end() && version < compacted->second) {
    return Refuse(Expired(version, compacted->second));
  }
  Head({});
  FollowFrom(version);
}

void WatchStream::FollowFrom(std::int64_t version) {
  ScheduleBookmark();
  ScheduleEnd();
  auto receive = [weak = weak_from_this()](const Revision& revision) {
    if (const auto self = weak.lock(); self && !self->silent_) self->OnRevision(revision);
  };
  const WatchCache::Id id = cache().Subscribe(version, std::move(receive));
  if (silent_) {
    cache().Unsubscribe(id);
  } else {
    subscription_ = id;
  }
}

void WatchStream::OnRevision(const Revision& revision) {
  if (!Matches(request_, *revision.object)) return;
  const std::string what =
      network_.trace.records()
          ? fmt::format("{} {} {}", WordOf(revision.change), request_.kind->name,
                        k8s::ToString(revision.object->key))
          : "";
  std::string line = EventLine(WordOf(revision.change), revision.object->Text());
  const auto fault = network_.faults.At(Where::kEvent, transport_.victim_.name(), what);
  if (!fault || Suffer(*fault, line)) Bytes(std::move(line));
}

// From now on nothing can be resumed but by a new list. The oldest version that is left.
std::int64_t WatchStream::Compact() {
  return transport_.compacted_[request_.kind->plural] = transport_.frontend_.api().log().version();
}

bool WatchStream::Suffer(FaultKind fault, const std::string& line) {
  Victim& victim = transport_.victim_;
  switch (fault) {
    case kCrashBefore:
    case kCrashToLagging:
      victim.Crash(fault == kCrashToLagging);
      return false;
    case kCrashAfter:
      network_.servers.After(50ms, [&victim] { victim.Crash(/*next_to_lagging=*/false); });
      return true;
    case kPause:
      victim.Pause();
      return true;
    case kStop:
      victim.StopInOrder();
      return true;
    case kDelay:
      arrives_at_ = std::max(arrives_at_, network_.time.Steady()) + kDelayed;
      return true;
    case kCoalesce:
      arrives_at_ = std::max(arrives_at_, network_.time.Steady()) + kStalled;
      [[fallthrough]];
    case kExpire:
    case kTimeTravel: {
      if (fault == kTimeTravel) transport_.past_.insert(request_.kind->plural);
      Bytes(EventLine("ERROR", Expired(0, Compact()).body));
      End(/*in_order=*/true);
      return false;
    }
    case kExpireStatus:
      Compact();
      End(/*in_order=*/true);
      return false;
    case kBreak:
      Bytes(line.substr(0, line.size() / 2));
      End(/*in_order=*/false);
      return false;
    default:  // kCut
      End(/*in_order=*/true);
      return false;
  }
}

void WatchStream::ScheduleBookmark() {
  network_.servers.After(kBookmarkEvery, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || self->silent_) return;
    self->Bookmark(/*ends_fill=*/false, self->cache().version());
    self->ScheduleBookmark();
  });
}

void WatchStream::Bookmark(bool ends_fill, std::int64_t version) {
  Bytes(EventLine(
      "BOOKMARK",
      fmt::format(
          R"({{"kind":"{}","metadata":{{"resourceVersion":"{}","creationTimestamp":null{}}}}})",
          request_.kind->name, version,
          ends_fill ? R"(,"annotations":{"k8s.io/initial-events-end":"true"})" : "")));
}

void WatchStream::ScheduleEnd() {
  const std::chrono::seconds life(Number(request_.Query("timeoutSeconds")));
  network_.servers.After(life, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && !self->silent_) self->End(/*in_order=*/true);
  });
}

void WatchStream::Head(const Answer& answer) {
  Arrive([this, status = answer.status, retry_after = answer.retry_after] {
    sink_.OnHead(status, retry_after);
  });
}

void WatchStream::Bytes(std::string bytes) {
  if (network_.random.Next() % kCutOneIn == 0 && bytes.size() > 2) {
    const std::size_t half = 1 + network_.random.Next() % (bytes.size() - 1);
    Arrive([this, front = bytes.substr(0, half)] { sink_.OnBytes(front); });
    bytes.erase(0, half);
  }
  Arrive([this, bytes = std::move(bytes)] { sink_.OnBytes(bytes); });
}

void WatchStream::End(bool in_order) {
  FallSilent();
  Arrive([this, in_order] {
    closed_ = true;
    const k8s::Error error{.code = k8s::ErrorCode::kUnavailable, .message = "connection reset"};
    sink_.OnEnd(in_order ? nullptr : &error);
  });
}

void WatchStream::Refuse(const Answer& answer) {
  Head(answer);
  Bytes(answer.body);
  End(/*in_order=*/true);
}

void WatchStream::Arrive(std::function<void()> what) {
  const auto now = network_.time.Steady();
  arrives_at_ = std::max(arrives_at_, now + network_.Latency());
  const auto delay = std::chrono::ceil<std::chrono::milliseconds>(arrives_at_ - now);
  transport_.loop_.After(delay, [self = shared_from_this(), what = std::move(what)] {
    if (!self->closed_) what();
  });
}

}  // namespace ffdl::simulation
