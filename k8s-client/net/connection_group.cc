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
  if (exchanges_.empty()) liveness_.OnStart(loop_.woke_at());
  if (waiting_.size() >= kRequestsWaitingMax) {
    exchange->Fail({.code = ErrorCode::kUnavailable, .message = "too many requests are waiting"});
    return;
  }
  exchange->deadline = loop_.After(timeout, [this, id] { OnDeadline(id); });
  if (MustWait(*exchange)) {
    waiting_.push_back(id);
    exchanges_.emplace(id, std::move(exchange));
  } else {
    Attempt(std::move(exchange));
  }
}

bool ConnectionGroup::MustWait(const Exchange& exchange) const {
  return !exchange.is_stream() && exchange.id() < kFirstProbe && !shut_ &&
         requests_in_flight_ >= options_.requests_in_flight_max;
}

void ConnectionGroup::AttemptWaiting() {
  while (!waiting_.empty() && requests_in_flight_ < options_.requests_in_flight_max) {
    const auto at = exchanges_.find(waiting_.front());
    waiting_.pop_front();
    if (at != exchanges_.end()) Attempt(Take(at));
  }
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
  if (!exchange->is_stream()) ++requests_in_flight_;
  exchanges_.emplace(exchange->id(), std::move(exchange));
  multi_->Add(easy);
  if (look_timer_ == 0) {
    look_timer_ = loop_.After(liveness_.NextLook(loop_.woke_at()), [this] { Look(); });
  }
}

// Takes the easy handle back, if there is one. Called for every exchange that leaves.
void ConnectionGroup::Detach(Exchange& exchange) {
  if (exchange.easy() == nullptr) return;
  if (multi_) multi_->Remove(exchange.easy());
  pool_.Give(exchange.Release());
  if (!exchange.is_stream()) --requests_in_flight_;
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
    Detach(*exchange);
    Attempt(std::move(exchange));
    return;
  }
  loop_.Cancel(exchange->deadline);
  exchange->Finish(code);
  Detach(*exchange);
  AttemptWaiting();
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
  if (silent && id < kFirstProbe) {
    Replace("a request timed out and nothing was read since it was sent");
  }
  AttemptWaiting();
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
  for (const std::unique_ptr<Exchange>& exchange : std::exchange(dropped_, {})) Detach(*exchange);
}

void ConnectionGroup::Shut() {
  if (std::exchange(shut_, true)) return;
  loop_.Cancel(look_timer_);
  RemoveDropped();
  std::vector<std::uint64_t> open;
  for (const auto& [id, exchange] : exchanges_) {
    Detach(*exchange);
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

void ConnectionGroup::OnGoAway(int port, std::uint32_t last) {
  for (const auto& [id, exchange] : exchanges_) exchange->OnGoAway(port, last);
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
