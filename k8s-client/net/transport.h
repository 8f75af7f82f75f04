#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s-client/meta/result.h"
#include "k8s-client/net/event_loop.h"

namespace ffdl::k8s {

// A longer wish of a server (Retry-After) is cut to this.
inline constexpr std::chrono::hours kRetryAfterMax{1};

// Whether a request may be sent once more by whoever transports it.
enum class Repeat {
  kNever,
  kIfRefused,  // once the server has said that it did not look at it (429 with Retry-After)
  kAnyTime,    // doing it twice does what doing it once does
};

struct HttpRequest {
  std::string method = "GET";
  std::string path;          // starts with "/", query included and already encoded
  std::string content_type;  // of `body`; "" for none
  // An answer of 2xx that is of another type is an error; "*/*" takes everything.
  std::string accept = "application/json";
  std::string body;
  // For the whole exchange (Send), or until the head of the answer is there (OpenStream).
  std::chrono::milliseconds timeout{30'000};
  Repeat repeat = Repeat::kNever;
  // Of a request that is sent once more: what it was answered with before, "503", or "<error>"
  // without an answer. "" the first time.
  std::string answered_before;
};

struct HttpResponse {
  int status = 0;
  std::string request;  // that it answers, for people: "GET /api/v1/pods"; may be ""
  std::string content_type;
  std::chrono::milliseconds retry_after{0};  // of the Retry-After header; zero without one
  std::string body;
  std::string audit_id;     // as Error::audit_id
  std::string flow_schema;  // the uid of the FlowSchema that the server counted the request under
};

// How far a request got when no answer came: the difference between "repeat it" and "look it up
// first".
enum class Delivery {
  kNotSent,  // no byte of it can have reached the server
  kUnknown,  // it may have been carried out
};

struct TransportError {
  Delivery delivery = Delivery::kNotSent;
  Error error;
};

// Receives an answer that has no end, such as a watch. All calls come on the transport's loop.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  // The head of the answer. For a status other than 200 the body follows by OnBytes as usual.
  virtual void OnHead(int status, std::chrono::milliseconds retry_after) = 0;
  // The next bytes, cut anywhere. Valid during the call only.
  virtual void OnBytes(std::string_view bytes) = 0;
  // The last call for this stream. `error` is null when the server ended the stream in order.
  virtual void OnEnd(const Error* error) = 0;
};

// One group of requests that share a connection and a thread (the lease, the watches, and all other
// requests each have their own, so that none can delay another). Any thread may call it; callbacks
// run on `loop()`.
class Transport {
 public:
  using StreamId = std::uint64_t;  // never 0
  using Done = std::function<void(tl::expected<HttpResponse, TransportError>)>;

  virtual ~Transport() = default;

  [[nodiscard]] virtual EventLoop& loop() = 0;

  // Any HTTP status is an answer; an error means that there is none. `done` is called exactly once.
  virtual void Send(HttpRequest request, Done done) = 0;

  // `sink` must live until its OnEnd, or until Close was called on the loop's thread.
  virtual StreamId OpenStream(HttpRequest request, StreamSink& sink) = 0;

  // Ends the stream without OnEnd. To be called on the loop's thread.
  virtual void Close(StreamId stream) = 0;

  // Whatever is sent from now on goes over new connections, perhaps to another of the servers that
  // share an address: for whoever finds that the one behind the old ones cannot be trusted.
  // Requests under way end where they are, streams with an error that tells `why`. Where there are
  // no connections nothing happens.
  virtual void Reconnect(std::string_view /*why*/) {}
};

}  // namespace ffdl::k8s
