// What a reflector makes of events and errors. Which error leads where is Route.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "k8s-client/informer/reflector.h"
#include "k8s-client/informer/wire_format.h"

namespace ffdl::k8s {

bool Reflector::OnLine(PaddedJson line) {
  const std::optional<WatchEvent> event = SplitWatchEvent(line);
  if (!event) {
    FillAgain("an event cannot be read");
    return false;
  }
  saw_event_ = true;
  if (event->type == "ADDED" || event->type == "MODIFIED") {
    return OnVerdict(sink_.Upsert(event->object));
  }
  if (event->type == "DELETED") return OnVerdict(sink_.Remove(event->object));
  if (event->type == "BOOKMARK") return OnBookmark(event->object);
  if (event->type == "ERROR") {
    Route(ReadErrorEvent(event->object));
    return false;
  }
  FillAgain("an event of unknown type " + event->type.substr(0, 32));
  return false;
}

bool Reflector::OnBookmark(PaddedJson object) {
  const std::optional<BookmarkEvent> bookmark = ReadBookmark(object);
  if (!bookmark) {
    FillAgain("a bookmark cannot be read");
    return false;
  }
  if (phase_ == Phase::kWatching) {
    sink_.Bookmark(bookmark->version);
    return true;
  }
  if (!bookmark->ends_fill) return true;
  if (!FinishFill(bookmark->version)) return false;
  phase_ = Phase::kWatching;
  return true;
}

bool Reflector::OnVerdict(EventVerdict verdict) {
  switch (verdict) {
    case EventVerdict::kTaken:
      return true;
    case EventVerdict::kUnreadable:
      FillAgain("an object without a readable name");
      return false;
    case EventVerdict::kTimeTravel:
      transport_.Reconnect("the server shows the past");
      FillAgain("the server sent an object from the past");
      return false;
  }
  return false;
}

bool Reflector::FinishFill(std::string_view version) {
  const bool accept_older = time_travels_ >= kTimeTravelTriesMax;
  if (sink_.EndFill(version, accept_older) == EventVerdict::kTimeTravel) {
    ++time_travels_;
    context_.metrics
        .CounterOf("operator_time_travel_total", "Lists older than what was known before.",
                   {{"resource", std::string(options_.type.plural)}})
        .Add();
    transport_.Reconnect("the server shows the past");
    FillAgain(fmt::format("the server listed the past (version {}, we have {})", version,
                          sink_.version()));
    return false;
  }
  if (accept_older) {
    context_.log(LogLevel::kError,
                 fmt::format("{}: the server stays in the past; its state was restored, it seems",
                             options_.type.plural));
  }
  time_travels_ = 0;
  too_large_tries_ = 0;
  absent_polls_ = 0;
  must_fill_ = false;
  SetState("watching", LogLevel::kInfo);
  return true;
}

void Reflector::Route(const Error& error) {
  switch (error.code) {
    case ErrorCode::kExpired:
      must_fill_ = true;
      RetryAfterFailure("expired", error.message);
      return;
    case ErrorCode::kInvalid:
      if (phase_ == Phase::kStreamingFill && streaming_list_works_) {
        streaming_list_works_ = false;
        RetryAfter(std::chrono::milliseconds(0), "no_streaming_list",
                   "the server has no streaming lists; using paged lists from now on");
        return;
      }
      RetryAfterFailure("invalid", error.message);
      return;
    case ErrorCode::kForbidden:
      RetryAfterFailure("forbidden", "forbidden: " + error.message, kForbiddenRetry);
      return;
    case ErrorCode::kNotFound: {
      // The CRD is not installed (yet). What is known stays: a missing kind is no deletion of its
      // objects.
      must_fill_ = true;
      const auto delay = BackoffFor(++absent_polls_, options_.absent_backoff, context_.random);
      RetryAfter(delay, "absent",
                 fmt::format("{}.{} is not served: is its CRD installed?", options_.type.plural,
                             options_.type.group));
      return;
    }
    case ErrorCode::kTimeout:
    case ErrorCode::kUnavailable:
      unreachable_ = http_status_ == 0;
      if (error.message.find("Too large resource version") != std::string::npos &&
          ++too_large_tries_ > kTooLargeTriesMax) {
        // This server is behind the one that we talked to before, and stays so.
        must_fill_ = true;
      }
      RetryAfterFailure("failed", error.message, error.retry_after);
      return;
    case ErrorCode::kTooManyRequests:
      RetryAfterFailure("throttled", error.message, error.retry_after);
      return;
    case ErrorCode::kUnauthorized:  // the transport has fetched new credentials already
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
    case ErrorCode::kBadResponse:
    case ErrorCode::kInternal:
      RetryAfterFailure("failed", error.message, error.retry_after);
      return;
  }
}

void Reflector::FillAgain(std::string_view why) {
  must_fill_ = true;
  RetryAfterFailure("refill", why);
}

void Reflector::RetryAfterFailure(std::string_view reason, std::string_view why,
                                  std::chrono::milliseconds at_least) {
  const bool waits_with_others = unreachable_ && options_.outage != nullptr;
  const auto& backoff = waits_with_others ? options_.outage->MetNoAnswer(*this) : options_.backoff;
  const auto delay = BackoffFor(++failures_, backoff, context_.random);
  RetryAfter(std::max(delay, at_least), reason, why);
}

void Reflector::RetryAfter(std::chrono::milliseconds delay, std::string_view reason,
                           std::string_view why) {
  EndAttempt();
  context_.metrics
      .CounterOf("operator_watch_restarts_total", "Lists and watches begun again, by reason.",
                 {{"resource", std::string(options_.type.plural)}, {"reason", std::string(reason)}})
      .Add();
  const bool usual = reason == "ended" || reason == "requested";
  SetState(fmt::format("{}; next try in {} ms", why, delay.count()),
           usual ? LogLevel::kDebug : LogLevel::kWarning);
  transport_.loop().Cancel(retry_timer_);
  retry_timer_ = transport_.loop().After(delay, lifeline_.Guard([this] { Attempt(); }));
}

void Reflector::SetState(std::string state, LogLevel level) {
  context_.log(level, fmt::format("{}: {}", options_.type.plural, state));
  const std::scoped_lock lock(state_mutex_);
  state_ = std::move(state);
}

}  // namespace ffdl::k8s
