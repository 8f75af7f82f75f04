#include "k8s-client/net/easy_pool.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>
#include <utility>

namespace ffdl::k8s {
namespace {

constexpr std::size_t kIdleHandlesMax = 8;
constexpr unsigned kUserTimeoutMs =
    30'000;  // unacknowledged bytes for so long: the connection is dead
constexpr long kKeepAliveIdleS = 10;
constexpr long kKeepAliveIntervalS = 5;
constexpr int kKeepAliveProbes = 3;
// API servers close connections that were idle for 90 s. One that old is not used again, because a
// write that meets the closing is a write of unknown outcome.
constexpr long kIdleReuseMaxS = 80;
constexpr long kReceiveBufferBytes = 16L * 1024;  // one TLS record
constexpr long kSendBufferBytes =
    16L * 1024;  // the least that libcurl takes; only for large bodies

// "host:port" of an URL without path.
std::string_view AuthorityOf(std::string_view server) {
  const std::size_t scheme = server.find("://");
  return scheme == std::string_view::npos ? server : server.substr(scheme + 3);
}

// The port of an authority, with its colon; "" when it has none. An IPv6 address is in brackets.
std::string_view PortOf(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || authority.find(']', colon) != std::string_view::npos)
    return {};
  return authority.substr(colon);
}

curl_blob Borrowed(const std::string& pem) {
  // libcurl only reads it, but its type says otherwise.
  return {.data = const_cast<char*>(pem.data()), .len = pem.size(), .flags = CURL_BLOB_NOCOPY};
}

}  // namespace

EasyPool::EasyPool(const ClusterConfig& config, EasySettings settings,
                   std::shared_ptr<const TlsMaterial> tls, void (*set_up)(CURL*))
    : config_(config),
      settings_(std::move(settings)),
      tls_(std::move(tls)),
      set_up_(set_up),
      base_url_(config.server + config.path_prefix) {
  if (config.tls_server_name.empty()) return;
  const std::string authority(AuthorityOf(config.server));
  const std::string port(PortOf(authority));
  base_url_ = "https://" + config.tls_server_name + port + config.path_prefix;
  host_header_ = "Host: " + authority;
  // Whatever the URL says, connect there.
  connect_to_ =
      curl_slist_append(nullptr, ("::" + authority + (port.empty() ? ":443" : "")).c_str());
}

EasyPool::~EasyPool() {
  for (CURL* const easy : idle_) curl_easy_cleanup(easy);
  curl_slist_free_all(connect_to_);
}

CURL* EasyPool::Take() {
  if (idle_.empty()) return Make();
  CURL* const easy = idle_.back();
  idle_.pop_back();
  return easy;
}

void EasyPool::Give(CURL* easy) {
  if (idle_.size() < kIdleHandlesMax) {
    idle_.push_back(easy);
  } else {
    curl_easy_cleanup(easy);
  }
}

int EasyPool::OnSocketMade(void* self, curl_socket_t socket, curlsocktype) {
  setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUserTimeoutMs, sizeof kUserTimeoutMs);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &kKeepAliveProbes, sizeof kKeepAliveProbes);
  static_cast<EasyPool*>(self)->sockets_[socket] = std::chrono::steady_clock::now();
  return CURL_SOCKOPT_OK;  // neither is worth failing for
}

// Also called when the multi handle ends, long after the easy handle that opened the socket.
int EasyPool::OnSocketDone(void* self, curl_socket_t socket) {
  static_cast<EasyPool*>(self)->sockets_.erase(socket);
  return close(socket);
}

CURL* EasyPool::Make() {
  CURL* const easy = curl_easy_init();
  if (easy == nullptr) return nullptr;
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(
      easy, CURLOPT_HTTP_VERSION,
      settings_.force_http1 ? long{CURL_HTTP_VERSION_1_1} : long{CURL_HTTP_VERSION_2TLS});
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, settings_.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(settings_.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, kKeepAliveIdleS);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, kKeepAliveIntervalS);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, &EasyPool::OnSocketMade);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, this);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &EasyPool::OnSocketDone);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, kIdleReuseMaxS);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kReceiveBufferBytes);
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, kSendBufferBytes);
  if (connect_to_ != nullptr) curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to_);
  SetProxy(easy);
  SetTls(easy);
  set_up_(easy);
  return easy;
}

// libcurl's own reading of the environment is not that of kubectl, so it gets none: who chose the
// proxy has read the exceptions, too.
void EasyPool::SetProxy(CURL* easy) const {
  curl_easy_setopt(easy, CURLOPT_PROXY, config_.proxy_url.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  if (!config_.proxy_url.starts_with("https://") || tls_->ca.empty()) return;
  curl_blob ca = Borrowed(tls_->ca);
  curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO_BLOB, &ca);
  curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, nullptr);
}

void EasyPool::SetTls(CURL* easy) const {
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, config_.insecure ? 0L : 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, config_.insecure ? 0L : 2L);
  // One connection for hours: sessions to resume would only take memory.
  curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  if (!tls_->ca.empty()) {
    curl_blob ca = Borrowed(tls_->ca);
    curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &ca);
    // The blob takes the place of the file but not of the directory: without this every authority
    // that the machine trusts could speak for the API server.
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  if (!tls_->certificate.empty()) {
    curl_blob certificate = Borrowed(tls_->certificate);
    curl_blob key = Borrowed(tls_->key);
    curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
    curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &certificate);
    curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
    curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key);
  }
}

}  // namespace ffdl::k8s
