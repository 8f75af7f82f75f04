// The part of ConnectionGroup that keeps the connection itself in order.
#include <string>
#include <utility>

#include "k8s-client/net/connection_group.h"

namespace ffdl::k8s {

std::shared_ptr<Connections> ConnectionGroup::MakeConnections(std::shared_ptr<EasyPool> pool) {
  const int most = http1_ ? options_.connections_http1_max : options_.connections_max;
  return std::make_shared<Connections>(
      loop_, std::move(pool), most,
      CurlMulti::Callbacks{
          .finished = [this](CURL* easy, CURLcode code) { OnFinished(easy, code); },
          .acted = [this] { OnActed(); }});
}

// The server speaks HTTP/1.1 only, where a stream fills a connection. What libcurl has put aside
// until the one connection is free would wait for ever behind a watch, so it is handed over once
// more.
void ConnectionGroup::AllowManyConnections() {
  if (!connections_) return;
  connections_->multi().AllowConnections(options_.connections_http1_max);
  for (const auto& [id, exchange] : exchanges_) {
    if (exchange->connections != connections_ || exchange->sent()) continue;
    connections_->multi().Remove(exchange->easy());
    connections_->multi().Add(exchange->easy());
  }
}

void ConnectionGroup::Look() {
  loop_.Cancel(std::exchange(look_timer_, 0));
  if (exchanges_.empty()) return;  // the next request starts the watch over the connection again
  RenewCertificates();
  switch (liveness_.Look(loop_.woke_at())) {
    case Liveness::Next::kWait:
      break;
    case Liveness::Next::kProbe:
      Probe();
      break;
    case Liveness::Next::kReplace:
      Replace("nothing was read for too long and probes stayed unanswered");
      break;
  }
  if (look_timer_ == 0 && !exchanges_.empty()) {
    look_timer_ = loop_.After(liveness_.NextLook(loop_.woke_at()), [this] { Look(); });
  }
}

void ConnectionGroup::Probe() {
  HttpRequest request;
  request.path = "/livez";
  request.accept = "*/*";
  request.timeout = liveness_.probe_timeout();
  Start(
      ++next_probe_, std::move(request),
      [this](const tl::expected<HttpResponse, TransportError>& answer) {
        liveness_.OnProbeEnd(answer.has_value());
        if (!answer && !shut_) loop_.Post([this] { Look(); });
      },
      nullptr);
}

// libcurl would put new requests on the connection it has, however dead, so all of it goes.
void ConnectionGroup::Replace(std::string_view why) {
  RemoveDropped();
  const std::shared_ptr<Connections> old =
      std::exchange(connections_, MakeConnections(connections_->shared_pool()));
  std::vector<std::uint64_t> lost;
  for (const auto& [id, exchange] : exchanges_) {
    if (exchange->easy() == nullptr) continue;
    if (exchange->sent()) {
      lost.push_back(id);
    } else {
      old->multi().Remove(exchange->easy());
      connections_->multi().Add(exchange->easy());
      exchange->connections = connections_;
    }
  }
  const std::string text = "the connection was replaced: " + std::string(why);
  Notice(text);
  FailAll(lost, {.code = ErrorCode::kUnavailable, .message = text});
  liveness_.OnStart(loop_.woke_at());
  AttemptWaiting();
}

void ConnectionGroup::Reconnect(std::string_view why) {
  if (shut_) return;
  RemoveDropped();
  Notice(std::string("the connection is replaced: ").append(why));
  MoveOn(connections_->shared_pool(), why);
}

// New requests get a new connection; requests under way end on the old one; streams would keep it
// for minutes, so they end and whoever wants them asks again.
void ConnectionGroup::MoveOn(std::shared_ptr<EasyPool> pool, std::string_view why) {
  const std::shared_ptr<Connections> old =
      std::exchange(connections_, MakeConnections(std::move(pool)));
  loop_.Post([old] {});  // it may be calling us
  std::vector<std::uint64_t> streams;
  std::vector<std::uint64_t> unsent;
  for (const auto& [id, exchange] : exchanges_) {
    if (exchange->connections != old) continue;
    if (!exchange->sent()) {
      unsent.push_back(id);
    } else if (exchange->is_stream()) {
      streams.push_back(id);
    }
  }
  for (const std::uint64_t id : unsent) {
    const auto at = exchanges_.find(id);
    if (at == exchanges_.end()) continue;  // dropped by the callback of another
    std::unique_ptr<Exchange> exchange = Take(at);
    ReleaseEasy(*exchange);
    Attempt(std::move(exchange));
  }
  FailAll(streams, {.code = ErrorCode::kUnavailable,
                    .message = "the connection was replaced: " + std::string(why)});
}

}  // namespace ffdl::k8s
