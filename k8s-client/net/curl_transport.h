#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/auth/exec_source.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/meta/time.h"
#include "k8s-client/net/in_flight_limit.h"
#include "k8s-client/net/liveness.h"
#include "k8s-client/net/transport.h"
#include "k8s-client/net/transport_report.h"

namespace ffdl::k8s {

inline constexpr std::size_t kResponseBytesMax = 64UL * 1024 * 1024;
inline constexpr std::size_t kRequestsWaitingMax = 10'000;  // one more is refused at once

struct CurlTransportOptions {
  std::string thread_name = "k8s-requests";  // 15 bytes of it count
  std::string user_agent;                    // "" for "ffdl/<version> (linux/<machine>)"
  // The server notes each request under an id of ours, this and a number: "" for one made at
  // random.
  std::string audit_id_prefix;
  bool force_http1 = false;  // for networks whose proxies break long HTTP/2 streams
  int connections_max = 1;
  // Over HTTP/1.1 every open stream takes a connection of its own.
  int connections_http1_max = 32;
  // Requests that are on their way at once; others wait for their turn, within their time-outs.
  // Streams do not count. Adapts to the server only where that is asked for: a lease must not wait.
  InFlightOptions in_flight;
  int streams_max = 80;  // one more is refused: API servers allow 100 of both on a connection
  std::chrono::milliseconds connect_timeout{10'000};  // name, TCP and TLS together
  LivenessOptions liveness;
  std::size_t response_bytes_max = kResponseBytesMax;  // of Send; streams have no limit here
  // Told in one sentence what an operator should know: a connection that was replaced, a token file
  // that cannot be read, a warning of the API server. Runs on the loop's thread. May be empty.
  std::function<void(std::string_view)> notice;
};

// Transport over libcurl: HTTP/2 where the server offers it, else HTTP/1.1, on one thread with one
// connection. What it does beyond passing bytes:
//
//   - Logs in (k8s-client/auth/authenticator.h), impersonates if told to, and repeats a request
//     once when a 401 shows that a newer credential is there or can be had.
//   - Uses new connections when certificates were renewed: requests under way end on the old ones,
//     streams end with an error.
//   - Never carries a write out twice: where libcurl would repeat a request on its own and it
//     cannot be known whether the server did it, the answer is Delivery::kUnknown. Reads are
//     repeated.
//   - Replaces a connection that is silent (LivenessOptions) or on which a request timed out
//     without one byte having been read since. Streams on it end with an error, requests with their
//     Delivery; requests that were still waiting for the connection go to the new one.
//   - Takes an answer that is compressed or of a type that was not accepted for an error.
//   - Tells the server by ?timeout= how long it waits for an answer.
//   - Follows no redirects (they are answers like others), asks for no compression, keeps no
//     cookies.
class CurlTransport final : public Transport {
 public:
  // Connects to nothing yet. Borrows the clock (null: the machine's) for the age of credentials.
  // `plugin` runs config.exec; transports of one process share it (null: one of its own, if
  // needed).
  [[nodiscard]] static Result<std::unique_ptr<CurlTransport>> Open(
      ClusterConfig config, CurlTransportOptions options, const Clock* clock = nullptr,
      std::shared_ptr<ExecSource> plugin = nullptr);

  // Ends everything under way: each `done` gets an error, each stream its OnEnd, then the thread is
  // joined. Timers are dropped. Not to be called on the loop's thread, nor while others still call.
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  [[nodiscard]] EventLoop& loop() override;
  void Send(HttpRequest request, Done done) override;
  StreamId OpenStream(HttpRequest request, StreamSink& sink) override;
  void Close(StreamId stream) override;
  void Reconnect(std::string_view why) override;

  // Calls back on the loop with what is going on there. Any thread.
  void Report(std::function<void(TransportReport)> done);

  // For how long the server has answered every request with 401; zero when the last answer was
  // another. A service account that was deleted and made again stays refused until the pod is new.
  // Any thread.
  [[nodiscard]] std::chrono::nanoseconds refused_for() const;

 private:
  class Impl;
  explicit CurlTransport(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace ffdl::k8s
