// For the other files of this folder only.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <string>
#include <vector>

#include "k8s-client/auth/cluster_config.h"

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
  // Borrows `config`: the handles point at its certificates.
  EasyPool(const ClusterConfig& config, EasySettings settings);
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

 private:
  [[nodiscard]] CURL* Make() const;
  void SetTls(CURL* easy) const;

  const ClusterConfig& config_;
  const EasySettings settings_;
  std::string base_url_;
  std::string host_header_;
  curl_slist* connect_to_ = nullptr;
  std::vector<CURL*> idle_;
};

}  // namespace ffdl::k8s
