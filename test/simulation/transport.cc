#include "test/simulation/transport.h"

#include <algorithm>
#include <utility>

#include "test/simulation/watch_stream.h"

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;
using enum FaultKind;

constexpr std::chrono::milliseconds kLateBy{2000};  // after the sender has given up
constexpr std::chrono::seconds kRetryAfter{3};

k8s::TransportError Failure(k8s::Delivery delivery) {
  const bool sent = delivery == k8s::Delivery::kUnknown;
  return {.delivery = delivery,
          .error = {.code = sent ? k8s::ErrorCode::kTimeout : k8s::ErrorCode::kUnavailable,
                    .message = sent ? "timed out" : "connection refused"}};
}

}  // namespace

std::chrono::milliseconds Network::Latency() const { return random.Between(1ms, 5ms); }

struct ModelTransport::Exchange {
  Request request;
  Writer writer;
  std::chrono::milliseconds timeout{0};
  Done done;
};

// What becomes of one request.
struct ModelTransport::Course {
  std::optional<std::chrono::milliseconds> carried_out_after;  // not at all
  std::optional<Answer> instead;                               // of the true answer
  bool answered = true;                                        // else it times out
  bool crash = false;                                          // once carried out
};

ModelTransport::ModelTransport(Network& network, Frontend& frontend, Victim& victim)
    : network_(network), frontend_(frontend), victim_(victim), loop_(network.time) {}

ModelTransport::~ModelTransport() { Kill(); }

void ModelTransport::Kill() {
  for (const auto& [id, stream] : streams_) stream->Close();
  streams_.clear();
  loop_.Kill();
}

std::optional<FaultKind> ModelTransport::FaultAt(const Request& request) {
  const bool lease = request.kind == &kLeases;
  const Where where = request.verb == Request::Verb::kList ? Where::kFill
                      : !request.writes()                  ? Where::kRead
                      : lease                              ? Where::kLease
                                                           : Where::kWrite;
  const std::string text = network_.trace.records() ? request.Text() : "";
  const auto fault = network_.faults.At(where, victim_.name(), text);
  if (fault == kPartition) {
    partitioned_until_ = network_.time.Steady() + victim_.lease_duration() * 2;
  }
  return network_.time.Steady() < partitioned_until_ ? kLost : fault;
}

void ModelTransport::Send(k8s::HttpRequest http, Done done) {
  if (!victim_.alive()) return;
  auto exchange = std::make_shared<Exchange>();
  exchange->request = ParseRequest(http);
  exchange->writer = {.name = victim_.name(),
                      .manager = std::string(exchange->request.Query("fieldManager"))};
  exchange->timeout = http.timeout;
  exchange->done = std::move(done);
  const std::optional<FaultKind> fault = FaultAt(exchange->request);
  if (fault == kCrashBefore || fault == kCrashToLagging) {
    return victim_.Crash(fault == kCrashToLagging);
  }
  if (fault == kNotSent) {
    loop_.After(1ms,
                [exchange] { exchange->done(tl::unexpected(Failure(k8s::Delivery::kNotSent))); });
    return;
  }
  if (fault == kPause) victim_.Pause();
  if (fault == kStop) victim_.StopInOrder();
  Follow(fault ? CourseOf(*fault, *exchange) : Course{.carried_out_after = network_.Latency()},
         exchange);
}

ModelTransport::Course ModelTransport::CourseOf(FaultKind fault, const Exchange& exchange) {
  const std::chrono::milliseconds soon = network_.Latency();
  const Request& request = exchange.request;
  switch (fault) {
    case kLost:
      return {.answered = false};
    case kAnswerLost:
      return {.carried_out_after = soon, .answered = false};
    case kLate:
      return {.carried_out_after = exchange.timeout + kLateBy, .answered = false};
    case kSlow:
      return {.carried_out_after = exchange.timeout * 9 / 10};
    case kCrashAfter:
      return {.carried_out_after = soon, .crash = true};
    case kConflict:
      return {.instead = VersionConflict(*request.kind, request.key.name)};
    case kThrottled:
      return {.instead = TooManyRequests(kRetryAfter)};
    case kThrottledBare:
      return {.instead = TooManyRequests(0s)};
    case kErrorBefore:
      return {.instead = InternalError()};
    case kErrorAfter:
      return {.carried_out_after = soon, .instead = InternalError()};
    case kForbidden:
      return {.instead = Refuse(403, "Forbidden", "not allowed")};
    case kAbsent:
      return {.instead = Refuse(404, "NotFound", "404 page not found")};
    default:
      return {.carried_out_after = soon};
  }
}

void ModelTransport::Follow(const Course& course, const std::shared_ptr<Exchange>& exchange) {
  if (!course.answered) {
    loop_.After(exchange->timeout,
                [exchange] { exchange->done(tl::unexpected(Failure(k8s::Delivery::kUnknown))); });
  }
  if (course.carried_out_after) {
    exchange->writer.late = *course.carried_out_after > exchange->timeout;
    network_.servers.After(*course.carried_out_after,
                           [this, course, exchange] { CarryOut(course, exchange); });
  } else if (course.answered) {
    Reply(exchange, *course.instead);
  }
}

void ModelTransport::CarryOut(const Course& course, const std::shared_ptr<Exchange>& exchange) {
  const Answer answer = Serve(frontend_, exchange->request, exchange->writer);
  const bool wasted = exchange->request.writes() && answer.ok() && !answer.changed;
  network_.wasted_writes += wasted ? 1 : 0;
  const bool renewal = exchange->request.kind == &kLeases && answer.status == 200;
  if (network_.trace.records() && !renewal) {
    network_.trace.Line(victim_.name(), "{}: {}{}", exchange->request.Text(), answer.status,
                        wasted ? " (nothing changed)" : "");
  }
  if (course.crash) return victim_.Crash(/*next_to_lagging=*/false);
  if (course.answered) Reply(exchange, course.instead.value_or(answer));
}

void ModelTransport::Reply(const std::shared_ptr<Exchange>& exchange, const Answer& answer) {
  loop_.After(network_.Latency(), [exchange, answer] {
    exchange->done(k8s::HttpResponse{.status = answer.status,
                                     .content_type = "application/json",
                                     .retry_after = answer.retry_after,
                                     .body = answer.body});
  });
}

k8s::Transport::StreamId ModelTransport::OpenStream(k8s::HttpRequest http, k8s::StreamSink& sink) {
  const StreamId id = ++last_stream_;
  if (!victim_.alive()) return id;
  const auto stream = std::make_shared<WatchStream>(network_, *this, ParseRequest(http), sink);
  streams_.emplace(id, stream);
  stream->Begin();
  return id;
}

void ModelTransport::Close(StreamId stream) {
  const auto it = streams_.find(stream);
  if (it == streams_.end()) return;
  it->second->Close();
  streams_.erase(it);
}

}  // namespace ffdl::simulation
