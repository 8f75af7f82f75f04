// For the other files of this folder only.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "k8s-client/auth/authenticator.h"
#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/net/connections.h"
#include "k8s-client/net/curl_transport.h"
#include "k8s-client/net/epoll_loop.h"
#include "k8s-client/net/exchange.h"
#include "k8s-client/net/header_list.h"
#include "k8s-client/net/in_flight_limit.h"
#include "k8s-client/net/liveness.h"
#include "k8s-client/net/transport_report.h"
#include "k8s-client/net/warnings.h"

namespace ffdl::k8s {

// All requests of one transport and the connection that they share. Everything on the loop's
// thread, except construction and destruction, which need the loop to be idle, and refused_since.
class ConnectionGroup final : Exchange::Owner {
 public:
  // Borrows all but the options and `plugin`, which may be null.
  ConnectionGroup(EpollLoop& loop, const ClusterConfig& config, std::shared_ptr<ExecSource> plugin,
                  const Clock& clock, CurlTransportOptions options);
  ~ConnectionGroup() override;
  ConnectionGroup(const ConnectionGroup&) = delete;
  ConnectionGroup& operator=(const ConnectionGroup&) = delete;

  // Exactly one of `done` and `sink`; the id must be new.
  void Start(std::uint64_t id, HttpRequest request, Transport::Done done, StreamSink* sink);
  // Ends an exchange without a callback; unknown ids are ignored. May be called by a sink.
  void Drop(std::uint64_t id);
  // As Transport says. Not to be called while libcurl is calling.
  void Reconnect(std::string_view why);
  // Ends everything with an error and refuses what is started later.
  void Shut();

  [[nodiscard]] TransportReport Report() const;

  // Since when (of Clock::Steady) every answer was 401; 0 when the last one was not.
  [[nodiscard]] std::chrono::nanoseconds refused_since() const { return refused_since_.load(); }

 private:
  using Exchanges = std::unordered_map<std::uint64_t, std::unique_ptr<Exchange>>;

  void CountOn(TransportReport::Connection& connection) const;

  void OnRead() override;
  bool OnHead(Exchange& exchange, int status) override;
  std::uint32_t OnSending(Exchange& exchange, int port) override;
  void OnGoAway(int port, std::uint32_t last) override;
  void OnWarning(std::string_view header_value) override;

  // Requests and their turns: connection_group.cc
  [[nodiscard]] bool MustWait(const Exchange& exchange) const;
  void TakeTurn(std::unique_ptr<Exchange> exchange);
  void Attempt(std::unique_ptr<Exchange> exchange);
  void AttemptWaiting();
  void ReleaseEasy(Exchange& exchange);
  void Detach(Exchange& exchange);
  void OnFinished(CURL* easy, CURLcode code);
  void OnActed();
  void OnDeadline(std::uint64_t id);
  void RemoveDropped();
  [[nodiscard]] std::unique_ptr<Exchange> Take(Exchanges::iterator at);
  void FailAll(const std::vector<std::uint64_t>& ids, const Error& error);
  void Notice(std::string_view text) const;

  // The connection itself: connection_health.cc
  [[nodiscard]] std::shared_ptr<Connections> MakeConnections(std::shared_ptr<EasyPool> pool);
  void AllowManyConnections();
  void Look();
  void Probe();
  void Replace(std::string_view why);
  void MoveOn(std::shared_ptr<EasyPool> pool, std::string_view why);

  // Who we are: connection_login.cc
  void Hold(std::unique_ptr<Exchange> exchange);
  void OnRefreshed(const Error* failure);
  [[nodiscard]] Result<Exchange::Attempt> MakeAttempt();
  void NoteStatus(int status);
  [[nodiscard]] std::shared_ptr<EasyPool> MakePool(std::shared_ptr<const TlsMaterial> tls) const;
  void RenewCertificates();
  void Complain();

  EpollLoop& loop_;
  const ClusterConfig& config_;
  const Clock& clock_;
  const CurlTransportOptions options_;
  Authenticator authenticator_;
  Liveness liveness_;
  InFlightLimit limit_;
  Warnings warnings_;
  bool http1_;  // the server or the options allow nothing newer
  std::shared_ptr<Connections> connections_;
  Exchanges exchanges_;
  std::vector<std::unique_ptr<Exchange>> dropped_;
  std::deque<std::uint64_t> waiting_;     // for their turn; some may be gone by now
  std::vector<std::uint64_t> held_;       // until the credential plugin has ended; as above
  std::vector<std::uint64_t> just_sent_;  // since libcurl was called
  std::unordered_map<int, std::uint32_t> answered_;  // requests, by the port of their connection
  int requests_in_flight_ = 0;                       // that have an easy handle; without streams
  int streams_ = 0;
  EventLoop::TimerId look_timer_ = 0;
  std::uint64_t next_probe_;
  std::uint64_t next_audit_id_ = 0;
  std::shared_ptr<const Login> headers_login_;  // that `headers_` was made for
  std::shared_ptr<const HeaderList> headers_;
  std::vector<std::string> complaints_;  // that were told
  std::atomic<std::chrono::nanoseconds> refused_since_{};
  bool shut_ = false;
};

}  // namespace ffdl::k8s
