// The part of ConnectionGroup that keeps credentials and certificates in order.
#include <algorithm>
#include <utility>

#include "k8s-client/net/connection_group.h"

namespace ffdl::k8s {
namespace {

constexpr int kUnauthorized = 401;

}  // namespace

void ConnectionGroup::Hold(std::unique_ptr<Exchange> exchange) {
  const bool first = held_.empty();
  held_.push_back(exchange->id());
  exchanges_.emplace(exchange->id(), std::move(exchange));
  if (first) authenticator_.Refresh([this](const Error* failure) { OnRefreshed(failure); });
}

// Those that waited go even when their new credential is about to expire again: there is none
// better.
void ConnectionGroup::OnRefreshed(const Error* failure) {
  const std::vector<std::uint64_t> held = std::exchange(held_, {});
  if (failure != nullptr) {
    Notice(failure->message);
    return FailAll(held, *failure);
  }
  for (const std::uint64_t id : held) {
    const auto at = exchanges_.find(id);
    if (at == exchanges_.end()) continue;
    if (MustWait(*at->second)) {
      waiting_.push_back(id);
    } else {
      Attempt(Take(at));
    }
  }
}

Result<Exchange::Attempt> ConnectionGroup::MakeAttempt() {
  Result<std::shared_ptr<const Login>> login = authenticator_.Current();
  RenewCertificates();
  Complain();
  if (!login) return Fail(ErrorCode::kUnauthorized, login.error().message);
  if (headers_login_ != *login) {
    headers_login_ = *login;
    headers_ = std::make_shared<const HeaderList>(
        CommonHeaders(connections_->pool().host_header(), **login, config_.impersonation));
  }
  return Exchange::Attempt{.base_url = connections_->pool().base_url(),
                           .login = std::move(*login),
                           .headers = headers_,
                           .at = clock_.Steady()};
}

void ConnectionGroup::NoteStatus(int status) {
  const bool refused = status == kUnauthorized;
  const std::chrono::nanoseconds since = refused_since_.load();
  if (refused == (since.count() != 0)) return;
  refused_since_ = refused ? clock_.Steady() : std::chrono::nanoseconds(0);
}

std::shared_ptr<EasyPool> ConnectionGroup::MakePool(std::shared_ptr<const TlsMaterial> tls) const {
  return std::make_shared<EasyPool>(config_,
                                    EasySettings{.user_agent = options_.user_agent,
                                                 .force_http1 = http1_,
                                                 .connect_timeout = options_.connect_timeout},
                                    std::move(tls), &Exchange::SetUp);
}

// Certificates live as long as a connection.
void ConnectionGroup::RenewCertificates() {
  std::shared_ptr<const TlsMaterial> tls = authenticator_.Tls();
  if (tls == connections_->pool().tls()) return;
  Notice("certificates were renewed; new connections use them");
  MoveOn(MakePool(std::move(tls)), "certificates were renewed");
}

// Each complaint once, until it has gone away.
void ConnectionGroup::Complain() {
  std::vector<std::string> complaints = authenticator_.Complaints();
  for (const std::string& text : complaints) {
    if (std::ranges::find(complaints_, text) == complaints_.end()) Notice(text);
  }
  complaints_ = std::move(complaints);
}

}  // namespace ffdl::k8s
