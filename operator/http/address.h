// Where a server listens: reading it, and having it for sure before the HTTP library is involved.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "k8s-client/meta/result.h"

namespace ffdl::http {

// The library's own word for all addresses, "+", gets the loopback of IPv6 alone.
inline constexpr std::string_view kAllAddresses = "0.0.0.0";

struct Address {
  std::string host;  // a name or an IPv4 address
  std::uint16_t port = 0;

  friend bool operator==(const Address&, const Address&) = default;
};

// Reads "host:port" or ":port". Literal IPv6 addresses are refused: the HTTP library cannot take
// them.
[[nodiscard]] k8s::Result<Address> ParseAddress(std::string_view text);

// A port that is bound but not listened on. The HTTP library can then bind it, too (both sockets
// say SO_REUSEADDR), nobody else is given it as a free one, and a port that is in use shows before
// the library gets to see it, which would take down a server that it already has there.
class BoundPort {
 public:
  // Port 0 takes a free one.
  [[nodiscard]] static k8s::Result<BoundPort> Bind(const Address& address);

  ~BoundPort();
  BoundPort(BoundPort&& other) noexcept;
  BoundPort& operator=(BoundPort&& other) = delete;
  BoundPort(const BoundPort&) = delete;
  BoundPort& operator=(const BoundPort&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  BoundPort(int socket, std::uint16_t port) : socket_(socket), port_(port) {}

  int socket_;
  std::uint16_t port_;
};

}  // namespace ffdl::http
