// An HTTP/1.1 server over TLS that does what a test tells it, down to the byte.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "test/wire/authority.h"

namespace ffdl::test {

struct SeenRequest {
  std::string method;
  std::string target;                          // without ?timeout=, which every request has
  std::string timeout;                         // its value; "" without it
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// The server's end of one connection, as a script sees it. Used on the connection's own thread.
class Peer {
 public:
  virtual ~Peer() = default;
  // 1 for the first connection that the server accepted, and so on.
  [[nodiscard]] virtual int number() const = 0;
  virtual void Write(std::string_view bytes) = 0;
  // Ends the connection, in order or by a TCP reset. The script should return then.
  virtual void Close() = 0;
  virtual void Reset() = 0;
  // Blocks as a dead server does, until the other side goes away or the server is destroyed.
  virtual void Hang() = 0;
};

// A whole answer with Content-Length. `headers` are lines, each with its "\r\n".
[[nodiscard]] std::string Answer(int status, std::string_view body,
                                 std::string_view content_type = "application/json",
                                 std::string_view headers = "");
// The head of an answer without end, and its pieces.
[[nodiscard]] std::string StreamHead(std::string_view headers = "");
[[nodiscard]] std::string Chunk(std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

class ScriptedServer {
 public:
  // Called for every request; connections run at the same time, each on a thread of its own.
  using Script = std::function<void(const SeenRequest&, Peer&)>;

  struct Options {
    std::string name = "127.0.0.1";   // in the certificate
    bool reset_before_tls = false;    // connections are accepted and reset at once
    bool client_certificate = false;  // connections without one of ours are refused
    bool claims_http2 = false;        // agrees on it with clients that offer it, and speaks none
  };

  // Listens on a free port of 127.0.0.1.
  ScriptedServer(const Authority& authority, Options options, Script script);
  // Cuts all connections and waits for their threads.
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::string url() const;  // "https://127.0.0.1:port"
  [[nodiscard]] int connections() const;  // accepted so far

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A port of 127.0.0.1 on which nobody listens.
[[nodiscard]] int ClosedPort();

}  // namespace ffdl::test
