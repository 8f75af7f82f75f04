#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/meta/time.h"
#include "k8s-client/net/liveness.h"
#include "k8s-client/net/transport.h"

namespace ffdl::k8s {

inline constexpr std::size_t kResponseBytesMax = 64UL * 1024 * 1024;
inline constexpr std::size_t kRequestsWaitingMax = 10'000;  // one more is refused at once

struct CurlTransportOptions {
  std::string thread_name = "k8s-requests";  // 15 bytes of it count
  std::string user_agent;                    // "" for "ffdl/<version> (linux/<machine>)"
  bool force_http1 = false;                  // for networks whose proxies break long HTTP/2 streams
  int connections_max = 1;
  // Over HTTP/1.1 every open stream takes a connection of its own.
  int connections_http1_max = 32;
  // Requests that are on their way at once; others wait for their turn, within their time-outs.
  // Streams do not count: whoever opens them knows how many (API servers allow 100 of both on a
  // connection).
  int requests_in_flight_max = 64;
  std::chrono::milliseconds connect_timeout{10'000};  // name, TCP and TLS together
  LivenessOptions liveness;
  std::size_t response_bytes_max = kResponseBytesMax;  // of Send; streams have no limit here
  // Told in one sentence what an operator should know: a connection that was replaced, a token file
  // that cannot be read. Runs on the loop's thread. May be empty.
  std::function<void(std::string_view)> notice;
};

// Transport over libcurl: HTTP/2 where the server offers it, else HTTP/1.1, on one thread with one
// connection. What it does beyond passing bytes:
//
//   - Sends the bearer token, and repeats a request once when a 401 shows that a newer one is
//   there.
//   - Never carries a write out twice: where libcurl would repeat a request on its own and it
//   cannot be
//     known whether the server did it, the answer is Delivery::kUnknown. Reads are repeated.
//   - Replaces a connection that is silent (LivenessOptions) or on which a request timed out
//   without one
//     byte having been read since. Streams on it end with an error, requests with their Delivery;
//     requests that were still waiting for the connection go to the new one.
//   - Follows no redirects (they are answers like others), asks for no compression, keeps no
//   cookies and
//     uses no proxy, whatever the environment says.
class CurlTransport final : public Transport {
 public:
  // Connects to nothing yet. Borrows the clock (null: the machine's) for the age of token files.
  [[nodiscard]] static Result<std::unique_ptr<CurlTransport>> Open(ClusterConfig config,
                                                                   CurlTransportOptions options,
                                                                   const Clock* clock = nullptr);

  // Ends everything under way: each `done` gets an error, each stream its OnEnd, then the thread is
  // joined. Timers are dropped. Not to be called on the loop's thread, nor while others still call.
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  [[nodiscard]] EventLoop& loop() override;
  void Send(HttpRequest request, Done done) override;
  StreamId OpenStream(HttpRequest request, StreamSink& sink) override;
  void Close(StreamId stream) override;

 private:
  class Impl;
  explicit CurlTransport(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace ffdl::k8s
