// The least that can talk to an API server: one libcurl handle, one HTTP/2 connection, one request
// at a time. Its CPU time is what the operator's is compared with, so nothing of k8s-client/net is
// in it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/meta/result.h"

namespace ffdl::benchmarks {

struct Request {
  std::string method;
  std::string path;
  std::string content_type;
  std::string body;
};

struct Answer {
  long status = 0;
  std::string body;
};

class Connection {
 public:
  [[nodiscard]] static k8s::Result<std::unique_ptr<Connection>> Open(k8s::ClusterConfig cluster);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Any HTTP status is an answer. Gives up after kRequestMax.
  [[nodiscard]] k8s::Result<Answer> Send(const Request& request);

  static constexpr long kRequestMaxMs = 30'000;

 private:
  class Impl;  // the only code here that knows libcurl
  explicit Connection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Send, where every status but 2xx is an error that says what was asked.
[[nodiscard]] k8s::Result<std::string> SendOk(Connection& connection, const Request& request);

}  // namespace ffdl::benchmarks
