#include "k8s-client/auth/authenticator.h"

#include <utility>

#include "k8s-client/auth/base64.h"
#include "k8s-client/auth/secret.h"

namespace ffdl::k8s {
namespace {

constexpr std::string_view kBearer = "Bearer ";

std::string BearerOf(std::string_view token) {
  return token.empty() ? std::string() : std::string(kBearer).append(token);
}

std::string_view TokenOf(std::string_view authorization) {
  if (authorization.starts_with(kBearer)) authorization.remove_prefix(kBearer.size());
  return authorization;
}

}  // namespace

Login::Login(std::string value, ExecSource::Credential credential)
    : authorization(std::move(value)), exec(std::move(credential)) {}

Login::~Login() { Wipe(authorization); }

Authenticator::Authenticator(EventLoop& loop, const ClusterConfig& config,
                             std::shared_ptr<ExecSource> plugin, const Clock& clock)
    : config_(config),
      has_own_login_(!config.token.empty() || !config.token_file.empty() ||
                     !config.username.empty()),
      token_(config.token, config.token_file, clock),
      tls_files_(config, clock),
      plugin_(std::move(plugin)),
      mailbox_(std::make_shared<Mailbox>()) {
  mailbox_->loop = &loop;
}

Result<std::shared_ptr<const Login>> Authenticator::Current() {
  std::string authorization;
  if (UsesPlugin()) {
    authorization = credential_ ? BearerOf(credential_->token) : "";
  } else if (!config_.username.empty()) {
    authorization = "Basic " + EncodeBase64(config_.username + ":" + config_.password);
  } else {
    const Result<std::string_view> token = token_.Current();
    if (!token) return unexpected<Error>(token.error());
    // The common case: nothing has changed, so nothing is built.
    if (login_ && TokenOf(login_->authorization) == *token) return login_;
    authorization = BearerOf(*token);
  }
  const bool same = login_ && login_->authorization == authorization && login_->exec == credential_;
  if (!same) login_ = std::make_shared<const Login>(authorization, credential_);
  Wipe(authorization);
  return login_;
}

std::shared_ptr<const TlsMaterial> Authenticator::Tls() {
  std::shared_ptr<const TlsMaterial> files = tls_files_.Current();
  const bool has_certificate = UsesPlugin() && credential_ && !credential_->certificate_pem.empty();
  if (!has_certificate) return files;
  const bool same = plugin_tls_ && plugin_tls_->ca == files->ca &&
                    plugin_tls_->certificate == credential_->certificate_pem &&
                    plugin_tls_->key == credential_->key_pem;
  if (!same) {
    plugin_tls_ = std::make_shared<const TlsMaterial>(files->ca, credential_->certificate_pem,
                                                      credential_->key_pem);
  }
  return plugin_tls_;
}

bool Authenticator::MustRefresh() const {
  return UsesPlugin() && (refused_ || plugin_->IsStale(credential_));
}

void Authenticator::Refresh(std::function<void(const Error*)> refreshed) {
  plugin_->Refresh(credential_, [this, mailbox = mailbox_, refreshed = std::move(refreshed)](
                                    Result<ExecSource::Credential> result) {
    const std::scoped_lock lock(mailbox->mutex);
    if (mailbox->loop == nullptr) return;
    mailbox->loop->Post([this, mailbox, refreshed, result = std::move(result)] {
      {
        const std::scoped_lock shut_lock(mailbox->mutex);
        if (mailbox->loop == nullptr) return;
      }
      refused_ = false;
      if (result) credential_ = *result;
      refreshed(result ? nullptr : &result.error());
    });
  });
}

void Authenticator::Shut() {
  const std::scoped_lock lock(mailbox_->mutex);
  mailbox_->loop = nullptr;
}

bool Authenticator::Rejected(const Login& used, std::chrono::nanoseconds sent_at) {
  if (UsesPlugin()) {
    if (used.exec == credential_) refused_ = true;
    return true;
  }
  if (!config_.username.empty()) return false;
  return token_.Rejected(TokenOf(used.authorization), sent_at);
}

std::vector<std::string> Authenticator::Complaints() const {
  std::vector<std::string> texts;
  for (const Error* failure : {token_.last_failure(), tls_files_.last_failure()}) {
    if (failure != nullptr) texts.push_back(failure->message);
  }
  return texts;
}

}  // namespace ffdl::k8s
