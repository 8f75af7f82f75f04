#include "k8s-client/net/connection_group.h"

#include <string>
#include <utility>

namespace ffdl::k8s {
namespace {

constexpr int kUnauthorized = 401;
// Probes are exchanges like others; their ids must not meet those that the transport gives.
constexpr std::uint64_t kFirstProbe = std::uint64_t{1} << 63U;

EasySettings SettingsOf(const CurlTransportOptions& options) {
  return {.user_agent = options.user_agent,
          .force_http1 = options.force_http1,
          .connect_timeout = options.connect_timeout};
}

}  // namespace

ConnectionGroup::ConnectionGroup(EpollLoop& loop, const ClusterConfig& config, const Clock& clock,
                                 CurlTransportOptions options)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      token_(config.token, config.token_file, clock),
      pool_(config, SettingsOf(options_)),
      liveness_(options_.liveness),
      http1_(options_.force_http1),
      multi_(MakeMulti()),
      next_probe_(kFirstProbe) {}

ConnectionGroup::~ConnectionGroup() { Shut(); }

std::unique_ptr<CurlMulti> ConnectionGroup::MakeMulti() {
  const int connections = http1_ ? options_.connections_http1_max : options_.connections_max;
  return std::make_unique<CurlMulti>(loop_, connections,
                                     [this](CURL* easy, CURLcode code) { OnFinished(easy, code); });
}

void ConnectionGroup::Start(std::uint64_t id, HttpRequest request, Transport::Done done,
                            StreamSink* sink) {
  const std::chrono::milliseconds timeout = request.timeout;
  auto exchange =
      std::make_unique<Exchange>(static_cast<Exchange::Owner&>(*this), id, std::move(request),
                                 std::move(done), sink, options_.response_bytes_max);
  exchange->deadline = loop_.After(timeout, [this, id] { OnDeadline(id); });
  if (exchanges_.empty()) liveness_.OnStart(loop_.woke_at());
  Attempt(std::move(exchange));
}

void ConnectionGroup::Attempt(std::unique_ptr<Exchange> exchange) {
  const Result<std::string_view> token = token_.Current();
  NoticeToken();
  CURL* const easy = token && !shut_ ? pool_.Take() : nullptr;
  if (easy == nullptr) {
    loop_.Cancel(exchange->deadline);
    exchange->Fail(shut_ ? Error{.code = ErrorCode::kUnavailable, .message = "shutting down"}
                   : !token
                       ? Error{.code = ErrorCode::kUnauthorized, .message = token.error().message}
                       : Error{.code = ErrorCode::kInternal, .message = "out of memory"});
    return;
  }
  exchange->Prepare(easy, {.base_url = pool_.base_url(),
                           .host_header = pool_.host_header(),
                           .token = *token,
                           .at = clock_.Steady()});
  exchanges_.emplace(exchange->id(), std::move(exchange));
  multi_->Add(easy);
  if (look_timer_ == 0) {
    look_timer_ = loop_.After(liveness_.NextLook(loop_.woke_at()), [this] { Look(); });
  }
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
  if (exchange->repeats()) {
    pool_.Give(exchange->Release());
    Attempt(std::move(exchange));
    return;
  }
  loop_.Cancel(exchange->deadline);
  exchange->Finish(code);
  pool_.Give(exchange->Release());
}

void ConnectionGroup::OnDeadline(std::uint64_t id) {
  const auto at = exchanges_.find(id);
  if (at == exchanges_.end()) return;
  const std::unique_ptr<Exchange> exchange = Take(at);
  const bool sent = exchange->sent();
  const bool silent = sent && liveness_.last_read() < exchange->sent_at();
  multi_->Remove(exchange->easy());
  pool_.Give(exchange->Release());
  exchange->Fail({.code = ErrorCode::kTimeout,
                  .message = sent ? "no answer in time" : "no connection in time"});
  // A connection that answers nothing at all would let the next request time out as well. Probes
  // are counted on their own.
  if (silent && id < kFirstProbe)
    Replace("a request timed out and nothing was read since it was sent");
}

void ConnectionGroup::Drop(std::uint64_t id) {
  const auto at = exchanges_.find(id);
  if (at == exchanges_.end()) return;
  at->second->Silence();
  loop_.Cancel(at->second->deadline);
  // The caller may be a sink that libcurl is calling, so the transfer is taken out later.
  dropped_.push_back(Take(at));
  loop_.Post([this] { RemoveDropped(); });
}

void ConnectionGroup::RemoveDropped() {
  for (const std::unique_ptr<Exchange>& exchange : std::exchange(dropped_, {})) {
    if (multi_) multi_->Remove(exchange->easy());
    pool_.Give(exchange->Release());
  }
}

void ConnectionGroup::Shut() {
  if (std::exchange(shut_, true)) return;
  loop_.Cancel(look_timer_);
  RemoveDropped();
  std::vector<std::uint64_t> open;
  for (const auto& [id, exchange] : exchanges_) {
    multi_->Remove(exchange->easy());
    open.push_back(id);
  }
  multi_.reset();
  FailAll(open, {.code = ErrorCode::kUnavailable, .message = "shutting down"});
}

// By id, because each callback may drop others of them.
void ConnectionGroup::FailAll(const std::vector<std::uint64_t>& ids, const Error& error) {
  for (const std::uint64_t id : ids) {
    const auto at = exchanges_.find(id);
    if (at == exchanges_.end()) continue;
    const std::unique_ptr<Exchange> exchange = Take(at);
    loop_.Cancel(exchange->deadline);
    pool_.Give(exchange->Release());
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
  if (status == kUnauthorized && !exchange.repeated() &&
      token_.Rejected(exchange.token(), exchange.attempted_at())) {
    return true;
  }
  if (exchange.is_stream()) {
    loop_.Cancel(exchange.deadline);
    exchange.deadline = 0;
  }
  return false;
}

// The server speaks HTTP/1.1 only, where a stream fills a connection. What libcurl has put aside
// until the one connection is free would wait for ever behind a watch, so it is handed over once
// more.
void ConnectionGroup::AllowManyConnections() {
  if (shut_) return;
  multi_->AllowConnections(options_.connections_http1_max);
  for (const auto& [id, exchange] : exchanges_) {
    if (exchange->sent()) continue;
    multi_->Remove(exchange->easy());
    multi_->Add(exchange->easy());
  }
}

void ConnectionGroup::Look() {
  loop_.Cancel(std::exchange(look_timer_, 0));
  if (exchanges_.empty()) return;  // the next request starts the watch over the connection again
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
  std::vector<std::uint64_t> lost;
  for (const auto& [id, exchange] : exchanges_) {
    multi_->Remove(exchange->easy());
    if (exchange->sent()) lost.push_back(id);
  }
  multi_ = MakeMulti();
  for (const auto& [id, exchange] : exchanges_) {
    if (!exchange->sent()) multi_->Add(exchange->easy());
  }
  const std::string text = "the connection was replaced: " + std::string(why);
  Notice(text);
  FailAll(lost, {.code = ErrorCode::kUnavailable, .message = text});
  liveness_.OnStart(loop_.woke_at());
}

void ConnectionGroup::NoticeToken() {
  const Error* const failure = token_.last_failure();
  const bool failing = failure != nullptr;
  if (failing && !std::exchange(token_failing_, failing)) Notice(failure->message);
  token_failing_ = failing;
}

void ConnectionGroup::Notice(std::string_view text) const {
  if (options_.notice) options_.notice(text);
}

}  // namespace ffdl::k8s
