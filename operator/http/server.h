// HTTP that the operator serves: probes, metrics, REST and the web page.
// No type of the library behind it crosses this line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "k8s-client/meta/result.h"

namespace ffdl::http {

// Header names in lower case: "content-type".
using Headers = std::map<std::string, std::string>;

struct Request {
  std::string method;  // "GET"
  std::string path;    // percent-decoded, starts with "/", without the query
  std::string query;   // as sent, without the "?"
  Headers headers;
  std::string body;
};

inline constexpr std::string_view kTextType = "text/plain; charset=utf-8";

struct Response {
  int status = 200;
  std::string content_type{kTextType};
  std::string body;
  Headers headers;  // besides the content type and length
};

// Called by up to kServerThreads threads at once; it must not wait for long, because these threads
// serve everything. What it throws becomes a 500 without the reason in it.
using Handler = std::function<Response(const Request&)>;

// Exact path -> handler of its GET (and HEAD) requests.
using GetRoutes = std::map<std::string, Handler, std::less<>>;

// A handler that answers by path: 404 for a path that is not in the table, 405 for other methods.
[[nodiscard]] Handler Route(GetRoutes routes);

// Of the whole process, however many servers it has.
inline constexpr std::size_t kServerThreads = 2;

// A request over one of these never reaches the handler, and its body is not kept. The library
// reads the head of a request and the size line of a chunk without a limit of its own, so only
// clients that are let in by the network policy should get here.
struct ServerLimits {
  std::size_t body_bytes = std::size_t{1} << 20;  // 413
  std::size_t target_bytes = 8192;                // 414: path and query as sent
  std::size_t header_bytes = 32768;               // 431: all names and values together
};

class Server {
 public:
  // Listens on "host:port", or on all IPv4 addresses for ":port"; port 0 takes a free one. Where
  // there is only IPv6, the host must be a name (of the pod, say). Requests are answered from the
  // moment it returns. Fails with kInvalid for an address that cannot be read and with kUnavailable
  // or kForbidden for one that cannot be had: "listen on 127.0.0.1:8080: Address already in use".
  [[nodiscard]] static k8s::Result<std::unique_ptr<Server>> Listen(std::string_view address,
                                                                   Handler handler,
                                                                   const ServerLimits& limits = {});

  // Stops accepting, then waits for the handlers that run; must not be called by a handler. The
  // port is free again when the last server of the process has stopped.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The port that is listened on; never 0.
  [[nodiscard]] std::uint16_t port() const;

 private:
  class Impl;  // the only code that knows which HTTP library is used
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ffdl::http
