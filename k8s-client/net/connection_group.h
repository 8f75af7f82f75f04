// For the other files of this folder only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/auth/token_source.h"
#include "k8s-client/net/curl_multi.h"
#include "k8s-client/net/curl_transport.h"
#include "k8s-client/net/easy_pool.h"
#include "k8s-client/net/epoll_loop.h"
#include "k8s-client/net/exchange.h"
#include "k8s-client/net/liveness.h"

namespace ffdl::k8s {

// All requests of one transport and the connection that they share. Everything on the loop's
// thread, except construction and destruction, which need the loop to be idle.
class ConnectionGroup final : Exchange::Owner {
 public:
  // Borrows all but the options.
  ConnectionGroup(EpollLoop& loop, const ClusterConfig& config, const Clock& clock,
                  CurlTransportOptions options);
  ~ConnectionGroup() override;
  ConnectionGroup(const ConnectionGroup&) = delete;
  ConnectionGroup& operator=(const ConnectionGroup&) = delete;

  // Exactly one of `done` and `sink`; the id must be new.
  void Start(std::uint64_t id, HttpRequest request, Transport::Done done, StreamSink* sink);
  // Ends an exchange without a callback; unknown ids are ignored. May be called by a sink.
  void Drop(std::uint64_t id);
  // Ends everything with an error and refuses what is started later.
  void Shut();

 private:
  using Exchanges = std::unordered_map<std::uint64_t, std::unique_ptr<Exchange>>;

  void OnRead() override;
  bool OnHead(Exchange& exchange, int status) override;
  void OnGoAway(int port, std::uint32_t last) override;

  [[nodiscard]] bool MustWait(const Exchange& exchange) const;
  void Attempt(std::unique_ptr<Exchange> exchange);
  void AttemptWaiting();
  void Detach(Exchange& exchange);
  void OnFinished(CURL* easy, CURLcode code);
  void OnDeadline(std::uint64_t id);
  void RemoveDropped();
  [[nodiscard]] std::unique_ptr<Exchange> Take(Exchanges::iterator at);
  [[nodiscard]] std::unique_ptr<CurlMulti> MakeMulti();

  void AllowManyConnections();
  void Look();
  void Probe();
  void Replace(std::string_view why);
  void FailAll(const std::vector<std::uint64_t>& ids, const Error& error);
  void NoticeToken();
  void Notice(std::string_view text) const;

  EpollLoop& loop_;
  const Clock& clock_;
  const CurlTransportOptions options_;
  TokenSource token_;
  EasyPool pool_;
  Liveness liveness_;
  bool http1_;  // the server or the options allow nothing newer
  std::unique_ptr<CurlMulti> multi_;
  Exchanges exchanges_;
  std::vector<std::unique_ptr<Exchange>> dropped_;
  std::deque<std::uint64_t> waiting_;  // ids, some of which may be gone by now
  int requests_in_flight_ = 0;         // that have an easy handle; without streams
  EventLoop::TimerId look_timer_ = 0;
  std::uint64_t next_probe_;
  bool token_failing_ = false;
  bool shut_ = false;
};

}  // namespace ffdl::k8s
