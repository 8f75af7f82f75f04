#include "k8s-client/net/connection_group.h"

#include <fmt/format.h>

#include <utility>

namespace ffdl::k8s {
namespace {

constexpr int kUnauthorized = 401;
constexpr int kTooManyRequests = 429;
constexpr std::size_t kPortsMax = 1000;  // that are remembered
// Probes are exchanges like others; their ids must not meet those that the transport gives.
constexpr std::uint64_t kFirstProbe = std::uint64_t{1} << 63U;

bool IsProbe(const Exchange& exchange) { return exchange.id() >= kFirstProbe; }

}  // namespace

ConnectionGroup::ConnectionGroup(EpollLoop& loop, const ClusterConfig& config,
                                 std::shared_ptr<ExecSource> plugin, const Clock& clock,
                                 CurlTransportOptions options)
    : loop_(loop),
      config_(config),
      clock_(clock),
      options_(std::move(options)),
      authenticator_(loop, config, std::move(plugin), clock),
      liveness_(options_.liveness),
      limit_(options_.in_flight),
      http1_(options_.force_http1 || config.http1_only),
      connections_(MakeConnections(MakePool(authenticator_.Tls()))),
      next_probe_(kFirstProbe) {}

ConnectionGroup::~ConnectionGroup() { Shut(); }

void ConnectionGroup::Start(std::uint64_t id, HttpRequest request, Transport::Done done,
                            StreamSink* sink) {
  const std::chrono::milliseconds timeout = request.timeout;
  auto exchange =
      std::make_unique<Exchange>(static_cast<Exchange::Owner&>(*this), id, std::move(request),
                                 std::move(done), sink, options_.response_bytes_max);
  if (exchanges_.empty()) liveness_.OnStart(loop_.woke_at());
  if (waiting_.size() + held_.size() >= kRequestsWaitingMax) {
    return exchange->Fail(
        {.code = ErrorCode::kUnavailable, .message = "too many requests are waiting"});
  }
  if (sink != nullptr && streams_ >= options_.streams_max) {
    return exchange->Fail(
        {.code = ErrorCode::kUnavailable, .message = "too many streams are open"});
  }
  if (sink != nullptr) ++streams_;
  if (!options_.audit_id_prefix.empty() && !IsProbe(*exchange)) {
    exchange->audit_id = fmt::format("{}-{:x}", options_.audit_id_prefix, ++next_audit_id_);
  }
  exchange->deadline = loop_.After(timeout, [this, id] { OnDeadline(id); });
  TakeTurn(std::move(exchange));
}

bool ConnectionGroup::MustWait(const Exchange& exchange) const {
  return !exchange.is_stream() && !IsProbe(exchange) && !shut_ &&
         requests_in_flight_ >= limit_.limit();
}

// Sends the request, or keeps it until it may go. Probes never wait: any answer to them will do.
void ConnectionGroup::TakeTurn(std::unique_ptr<Exchange> exchange) {
  if (!IsProbe(*exchange) && !shut_ && authenticator_.MustRefresh()) {
    return Hold(std::move(exchange));
  }
  if (!MustWait(*exchange)) return Attempt(std::move(exchange));
  waiting_.push_back(exchange->id());
  exchanges_.emplace(exchange->id(), std::move(exchange));
}

void ConnectionGroup::AttemptWaiting() {
  while (!waiting_.empty() && requests_in_flight_ < limit_.limit()) {
    const auto at = exchanges_.find(waiting_.front());
    waiting_.pop_front();
    if (at != exchanges_.end()) TakeTurn(Take(at));
  }
}

void ConnectionGroup::Attempt(std::unique_ptr<Exchange> exchange) {
  Result<Exchange::Attempt> attempt =
      shut_ ? Fail(ErrorCode::kUnavailable, "shutting down") : MakeAttempt();
  CURL* const easy = attempt ? connections_->pool().Take() : nullptr;
  if (easy == nullptr) {
    Detach(*exchange);
    return exchange->Fail(attempt ? Error{.code = ErrorCode::kInternal, .message = "out of memory"}
                                  : attempt.error());
  }
  exchange->Prepare(easy, *attempt);
  exchange->connections = connections_;
  if (!exchange->is_stream()) ++requests_in_flight_;
  exchanges_.emplace(exchange->id(), std::move(exchange));
  connections_->multi().Add(easy);
  if (look_timer_ == 0) {
    look_timer_ = loop_.After(liveness_.NextLook(loop_.woke_at()), [this] { Look(); });
  }
}

// Takes the easy handle back, if there is one.
void ConnectionGroup::ReleaseEasy(Exchange& exchange) {
  if (exchange.easy() == nullptr) return;
  std::shared_ptr<Connections> connections = std::move(exchange.connections);
  connections->multi().Remove(exchange.easy());
  connections->pool().Give(exchange.Release());
  if (!exchange.is_stream()) --requests_in_flight_;
  // Perhaps the last of an older generation, which must not end while it is calling us.
  if (connections != connections_) loop_.Post([ended = std::move(connections)] {});
}

// Called for every exchange that leaves.
void ConnectionGroup::Detach(Exchange& exchange) {
  loop_.Cancel(std::exchange(exchange.deadline, 0));
  ReleaseEasy(exchange);
  if (exchange.is_stream()) --streams_;
}

std::unique_ptr<Exchange> ConnectionGroup::Take(Exchanges::iterator at) {
  std::unique_ptr<Exchange> exchange = std::move(at->second);
  exchanges_.erase(at);
  return exchange;
}

void ConnectionGroup::OnFinished(CURL* easy, CURLcode code) {
  Exchange* known = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &known);
  const auto at = exchanges_.find(known->id());
  if (at == exchanges_.end()) return;  // dropped; RemoveDropped has the rest to do
  std::unique_ptr<Exchange> exchange = Take(at);
  if (exchange->repeats() || exchange->GoesAgain(code)) {
    ReleaseEasy(*exchange);
    exchange->ForgetAttempt();
    return TakeTurn(std::move(exchange));
  }
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR) {
    authenticator_.SuspectTls();
  }
  if (!exchange->is_stream() && !IsProbe(*exchange) && exchange->status() != 0) {
    limit_.OnAnswer(exchange->status() == kTooManyRequests,
                    std::chrono::steady_clock::now() - exchange->sent_at());
  }
  exchange->Finish(code);
  Detach(*exchange);
  AttemptWaiting();
}

// Client streams of a connection have odd numbers in the order in which they are opened, so that
// each request that was answered stands for two. libcurl tells the number itself only in its log,
// together with all that it sends.
std::uint32_t ConnectionGroup::OnSending(Exchange& exchange, int port) {
  just_sent_.push_back(exchange.id());
  long connects = 0;
  curl_easy_getinfo(exchange.easy(), CURLINFO_NUM_CONNECTS, &connects);
  if (connects > 0) answered_.erase(port);  // a new connection on an old port
  if (answered_.size() > kPortsMax) answered_.clear();
  return 2 * answered_[port] + 1;
}

void ConnectionGroup::OnGoAway(int port, std::uint32_t last) {
  for (const auto& [id, exchange] : exchanges_) exchange->OnGoAway(port, last);
}

// Not earlier, because libcurl would print every header into its log as it sends it.
void ConnectionGroup::OnActed() {
  for (const std::uint64_t id : just_sent_) {
    const auto at = exchanges_.find(id);
    if (at != exchanges_.end() && at->second->easy() != nullptr) at->second->ReadLog();
  }
  just_sent_.clear();
}

void ConnectionGroup::OnDeadline(std::uint64_t id) {
  const auto at = exchanges_.find(id);
  if (at == exchanges_.end()) return;
  const std::unique_ptr<Exchange> exchange = Take(at);
  const bool sent = exchange->sent();
  const bool silent = sent && liveness_.last_read() < exchange->sent_at();
  Detach(*exchange);
  exchange->Fail({.code = ErrorCode::kTimeout,
                  .message = sent ? "no answer in time" : "no connection in time"});
  // A connection that answers nothing at all would let the next request time out as well. Probes
  // are counted on their own.
  if (silent && !IsProbe(*exchange)) {
    Replace("a request timed out and nothing was read since it was sent");
  }
  AttemptWaiting();
}

void ConnectionGroup::Drop(std::uint64_t id) {
  const auto at = exchanges_.find(id);
  if (at == exchanges_.end()) return;
  at->second->Silence();
  // The caller may be a sink that libcurl is calling, so the transfer is taken out later.
  dropped_.push_back(Take(at));
  loop_.Post([this] { RemoveDropped(); });
}

void ConnectionGroup::RemoveDropped() {
  for (const std::unique_ptr<Exchange>& exchange : std::exchange(dropped_, {})) Detach(*exchange);
}

void ConnectionGroup::Shut() {
  if (std::exchange(shut_, true)) return;
  authenticator_.Shut();
  loop_.Cancel(look_timer_);
  RemoveDropped();
  std::vector<std::uint64_t> open;
  for (const auto& [id, exchange] : exchanges_) open.push_back(id);
  FailAll(open, {.code = ErrorCode::kUnavailable, .message = "shutting down"});
  connections_.reset();
}

// By id, because each callback may drop others of them.
void ConnectionGroup::FailAll(const std::vector<std::uint64_t>& ids, const Error& error) {
  for (const std::uint64_t id : ids) {
    const auto at = exchanges_.find(id);
    if (at == exchanges_.end()) continue;
    const std::unique_ptr<Exchange> exchange = Take(at);
    Detach(*exchange);
    exchange->Fail(error);
  }
}

void ConnectionGroup::OnRead() { liveness_.OnRead(loop_.woke_at()); }

bool ConnectionGroup::OnHead(Exchange& exchange, int status) {
  long version = CURL_HTTP_VERSION_NONE;
  curl_easy_getinfo(exchange.easy(), CURLINFO_HTTP_VERSION, &version);
  if (version < CURL_HTTP_VERSION_2_0 && !std::exchange(http1_, true)) {
    loop_.Post([this] { AllowManyConnections(); });
  }
  ++answered_[exchange.port()];
  if (IsProbe(exchange)) return false;
  if (status == kUnauthorized && !exchange.repeated() &&
      authenticator_.Rejected(exchange.login(), exchange.attempted_at())) {
    return true;
  }
  NoteStatus(status);
  if (exchange.is_stream()) loop_.Cancel(std::exchange(exchange.deadline, 0));
  return false;
}

void ConnectionGroup::OnWarning(std::string_view header_value) {
  const std::optional<std::string> text = ReadWarning(header_value);
  if (text && warnings_.IsNew(*text)) Notice("the API server warns: " + *text);
}

void ConnectionGroup::Notice(std::string_view text) const {
  if (options_.notice) options_.notice(text);
}

}  // namespace ffdl::k8s
