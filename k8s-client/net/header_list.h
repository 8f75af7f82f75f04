// For the other files of this folder only.
#pragma once

#include <curl/curl.h>

#include <string>
#include <vector>

#include "k8s-client/auth/authenticator.h"
#include "k8s-client/auth/cluster_config.h"

namespace ffdl::k8s {

// Header lines as libcurl wants them, that many requests share: made once, never changed, wiped
// when the last request that uses them is gone.
class HeaderList {
 public:
  explicit HeaderList(std::vector<std::string> lines);
  ~HeaderList();
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  // Null when there are no lines. libcurl only reads it, but its type says otherwise.
  [[nodiscard]] curl_slist* first() const { return first_; }

 private:
  std::vector<std::string> lines_;
  std::vector<curl_slist> nodes_;
  curl_slist* first_ = nullptr;
};

// What every request of a group carries. `host_header` is "" for that of the URL.
[[nodiscard]] std::vector<std::string> CommonHeaders(const std::string& host_header,
                                                     const Login& login,
                                                     const Impersonation& impersonation);

}  // namespace ffdl::k8s
