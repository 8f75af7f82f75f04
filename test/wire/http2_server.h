// An HTTP/2 server over TLS that speaks just enough of RFC 9113 to end connections as API servers
// and load balancers do.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "test/wire/authority.h"

namespace ffdl::test {

// The server's end of one connection. Used on the connection's own thread.
class Http2Peer {
 public:
  virtual ~Http2Peer() = default;
  // 1 for the first connection that the server accepted, and so on.
  [[nodiscard]] virtual int number() const = 0;
  // A whole answer of status 200 and type application/json.
  virtual void Answer(std::uint32_t stream, std::string_view body) = 0;
  // The server has not looked at streams above `last`, and takes no new ones.
  virtual void GoAway(std::uint32_t last) = 0;
  virtual void Refuse(std::uint32_t stream) = 0;  // RST_STREAM with REFUSED_STREAM
  virtual void Close() = 0;
};

class Http2Server {
 public:
  // Called for each request, once all of it is there; what it asks for is not decoded.
  using Script = std::function<void(std::uint32_t stream, Http2Peer&)>;

  // Listens on a free port of 127.0.0.1. Connections run at the same time, each on a thread.
  Http2Server(const Authority& authority, Script script);
  ~Http2Server();
  Http2Server(const Http2Server&) = delete;
  Http2Server& operator=(const Http2Server&) = delete;

  [[nodiscard]] std::string url() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ffdl::test
