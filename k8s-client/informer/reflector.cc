// The attempts of a reflector: what it asks for and how it is told. reflector_events.cc has what it
// makes of the answers.
#include "k8s-client/informer/reflector.h"

#include <fmt/format.h>

#include <utility>

#include "k8s-client/api/client.h"
#include "k8s-client/informer/wire_format.h"

namespace ffdl::k8s {
namespace {

constexpr int kOk = 200;

}  // namespace

Reflector::Reflector(ReflectorOptions options, Transport& transport, ReflectorSink& sink,
                     RuntimeContext context)
    : options_(std::move(options)),
      transport_(transport),
      sink_(sink),
      context_(std::move(context)) {
  if (options_.outage != nullptr) options_.outage->Join(*this);
}

Reflector::~Reflector() {
  if (options_.outage != nullptr) options_.outage->Leave(*this);
}

void Reflector::Start() {
  transport_.loop().Post(lifeline_.Guard([this] { Attempt(); }));
}

void Reflector::Stop(std::function<void()> stopped) {
  transport_.loop().Post([this, stopped = std::move(stopped)] {
    transport_.loop().Cancel(retry_timer_);
    EndAttempt();
    if (options_.outage != nullptr) options_.outage->Leave(*this);
    lifeline_.Cut();
    stopped();
  });
}

void Reflector::RequestRefill() {
  transport_.loop().Post(lifeline_.Guard([this] {
    if (phase_ == Phase::kStreamingFill || phase_ == Phase::kPagedFill) return;
    must_fill_ = true;
    if (phase_ == Phase::kIdle) return;  // the attempt to come will fill
    RetryAfter(std::chrono::milliseconds(0), "requested", "filling again as requested");
  }));
}

std::string Reflector::state() const {
  const std::scoped_lock lock(state_mutex_);
  return state_;
}

void Reflector::Attempt() {
  retry_timer_ = 0;
  if (!must_fill_) {
    StartWatch();
  } else if (streaming_list_works_) {
    StartStreamingFill();
  } else {
    StartPagedFill();
  }
}

void Reflector::StartStreamingFill() {
  phase_ = Phase::kStreamingFill;
  SetState("filling by a streaming list", LogLevel::kDebug);
  sink_.BeginFill();
  // Without a resource version the list is consistent: as new as anything that was ever answered
  // before.
  OpenStream("sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
}

void Reflector::StartWatch() {
  phase_ = Phase::kWatching;
  SetState("watching", LogLevel::kDebug);
  OpenStream("resourceVersion=" + EncodeQueryValue(sink_.version()));
}

void Reflector::OpenStream(std::string_view query) {
  const auto life = std::chrono::duration_cast<std::chrono::seconds>(
      context_.random.Between(kWatchShortest, kWatchLongest));
  http_status_ = 0;
  retry_after_ = {};
  error_body_.clear();
  saw_event_ = false;
  opened_at_ = context_.clock.Steady();
  heard_at_ = opened_at_;
  ends_at_ = opened_at_ + life + kOverdue;
  HttpRequest request;
  request.path =
      fmt::format("{}?watch=1&allowWatchBookmarks=true&timeoutSeconds={}&{}{}",
                  ResourcePath(options_.type, options_.ns), life.count(), query, SelectorQuery());
  stream_ = transport_.OpenStream(std::move(request), *this);
  watchdog_ = transport_.loop().After(kLookEvery, lifeline_.Guard([this] { Look(); }));
}

void Reflector::Look() {
  const std::chrono::nanoseconds now = context_.clock.Steady();
  if (phase_ == Phase::kStreamingFill && http_status_ == kOk &&
      now - heard_at_ >= kInitialEndPatience) {
    // Some servers ignore the parameter, send a plain watch, and would let us wait for ever.
    streaming_list_works_ = false;
    RetryAfter(std::chrono::milliseconds(0), "no_streaming_list",
               "the server does not end its streaming list; using paged lists from now on");
  } else if (now - heard_at_ >= kSilenceMax) {
    RetryAfter(std::chrono::milliseconds(0), "silent", "the watch went silent");
  } else if (now >= ends_at_) {
    RetryAfter(std::chrono::milliseconds(0), "overdue", "the server did not end the watch in time");
  } else {
    watchdog_ = transport_.loop().After(kLookEvery, lifeline_.Guard([this] { Look(); }));
  }
}

void Reflector::StartPagedFill() {
  phase_ = Phase::kPagedFill;
  SetState("filling by a paged list", LogLevel::kDebug);
  sink_.BeginFill();
  http_status_ = 0;
  RequestPage("");
}

void Reflector::RequestPage(const std::string& continue_token) {
  HttpRequest request;
  request.path = fmt::format("{}?limit={}{}", ResourcePath(options_.type, options_.ns), kPageSize,
                             SelectorQuery());
  if (!continue_token.empty()) request.path += "&continue=" + EncodeQueryValue(continue_token);
  request.timeout = kPageTimeout;
  transport_.Send(std::move(request),
                  lifeline_.Guard([this, attempt = attempt_](
                                      tl::expected<HttpResponse, TransportError> answer) {
                    if (attempt == attempt_) OnPage(std::move(answer));
                  }));
}

void Reflector::OnPage(tl::expected<HttpResponse, TransportError> answer) {
  if (answer) {
    http_status_ = answer->status;
    HearFromServer();
  }
  if (!answer) {
    Route(answer.error().error);
  } else if (answer->status != kOk) {
    Route(DecodeStatus(answer->status, answer->body, answer->retry_after));
  } else {
    TakePage(std::move(answer->body));
  }
}

void Reflector::TakePage(std::string body) {
  PaddedBuffer page;
  const Result<ListPage> read = ReadListPage(page.Adopt(std::move(body)), [&](PaddedJson item) {
    return sink_.Upsert(item) == EventVerdict::kTaken;
  });
  if (!read) {
    FillAgain("a page of the list cannot be read: " + read.error().message);
  } else if (!read->continue_token.empty()) {
    RequestPage(read->continue_token);
  } else if (FinishFill(read->version)) {
    StartWatch();
  }
}

void Reflector::EndAttempt() {
  if (stream_ != 0) transport_.Close(stream_);
  stream_ = 0;
  transport_.loop().Cancel(watchdog_);
  if (phase_ == Phase::kStreamingFill || phase_ == Phase::kPagedFill) sink_.AbortFill();
  framer_.Reset();
  phase_ = Phase::kIdle;
  ++attempt_;
}

void Reflector::OnHead(int status, std::chrono::milliseconds retry_after) {
  http_status_ = status;
  retry_after_ = retry_after;
  HearFromServer();
}

void Reflector::HearFromServer() {
  heard_at_ = context_.clock.Steady();
  if (std::exchange(unreachable_, false) && options_.outage != nullptr) options_.outage->End();
}

void Reflector::TryNow() {
  if (!unreachable_ || phase_ != Phase::kIdle) return;
  unreachable_ = false;  // it is known: no news when this attempt is answered, too
  transport_.loop().Cancel(retry_timer_);
  Attempt();
}

void Reflector::OnBytes(std::string_view bytes) {
  heard_at_ = context_.clock.Steady();
  if (http_status_ != kOk) {
    error_body_ += bytes.substr(0, kErrorBodyBytesMax - error_body_.size());
    return;
  }
  const Result<void> fed = framer_.Feed(bytes, [this](PaddedJson line) { return OnLine(line); });
  if (!fed) FillAgain(fed.error().message);
}

void Reflector::OnEnd(const Error* error) {
  stream_ = 0;
  const std::chrono::nanoseconds lived = context_.clock.Steady() - opened_at_;
  if (phase_ == Phase::kWatching && lived >= kHealthyAfter) failures_ = 0;
  if (error != nullptr) {
    Route(*error);
  } else if (http_status_ != kOk) {
    Route(DecodeStatus(http_status_, error_body_, retry_after_));
  } else if (phase_ == Phase::kStreamingFill) {
    RetryAfterFailure("cut", "the streaming list ended early");
  } else if (lived < kVeryShortWatch && !saw_event_) {
    RetryAfterFailure("short", "the watch ended at once");
  } else {
    RetryAfter(context_.random.Between(std::chrono::milliseconds(0), kResumeJitter), "ended",
               "the watch ended");
  }
}

std::string Reflector::SelectorQuery() const {
  std::string query;
  if (!options_.label_selector.empty()) {
    query += "&labelSelector=" + EncodeQueryValue(options_.label_selector);
  }
  if (!options_.field_selector.empty()) {
    query += "&fieldSelector=" + EncodeQueryValue(options_.field_selector);
  }
  return query;
}

}  // namespace ffdl::k8s
