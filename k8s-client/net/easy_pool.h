// For the other files of this folder only.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/auth/tls_files.h"

namespace ffdl::k8s {

// What all requests to one server have in common.
struct EasySettings {
  std::string user_agent;
  bool force_http1 = false;
  std::chrono::milliseconds connect_timeout{10'000};
};

// Easy handles that already know the server, its certificates and our time-outs, kept for re-use:
// setting one up costs more than the request itself. One thread at a time.
class EasyPool {
 public:
  // Borrows `config`. `set_up` is called once for each new handle.
  EasyPool(const ClusterConfig& config, EasySettings settings,
           std::shared_ptr<const TlsMaterial> tls, void (*set_up)(CURL*));
  ~EasyPool();
  EasyPool(const EasyPool&) = delete;
  EasyPool& operator=(const EasyPool&) = delete;

  // Null when out of memory. Goes back by Give, in no multi handle any more.
  [[nodiscard]] CURL* Take();
  void Give(CURL* easy);

  // What the URL of every request begins with: scheme, the name that the certificate must carry,
  // prefix.
  [[nodiscard]] const std::string& base_url() const { return base_url_; }
  // "Host: ..." when it is not the one of the URL, else "".
  [[nodiscard]] const std::string& host_header() const { return host_header_; }
  [[nodiscard]] const std::shared_ptr<const TlsMaterial>& tls() const { return tls_; }
  // The connections that its handles have open or are opening, and since when.
  using Sockets = std::map<curl_socket_t, std::chrono::steady_clock::time_point>;
  [[nodiscard]] const Sockets& sockets() const { return sockets_; }

 private:
  static int OnSocketMade(void* self, curl_socket_t socket, curlsocktype);
  static int OnSocketDone(void* self, curl_socket_t socket);

  [[nodiscard]] CURL* Make();
  void SetTls(CURL* easy) const;
  void SetProxy(CURL* easy) const;

  const ClusterConfig& config_;
  const EasySettings settings_;
  const std::shared_ptr<const TlsMaterial> tls_;  // the handles point into it
  void (*const set_up_)(CURL*);
  std::string base_url_;
  std::string host_header_;
  curl_slist* connect_to_ = nullptr;
  std::vector<CURL*> idle_;
  Sockets sockets_;
};

}  // namespace ffdl::k8s
