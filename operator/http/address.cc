#include "operator/http/address.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>
#include <system_error>
#include <utility>

#include "operator/http/sockets.h"

namespace ffdl::http {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

std::string Text(const Address& address) {
  return address.host + ":" + std::to_string(address.port);
}

k8s::ErrorCode CodeOf(int error) {
  return error == EACCES ? k8s::ErrorCode::kForbidden : k8s::ErrorCode::kUnavailable;
}

auto Failure(const Address& address, int error) {
  return k8s::Fail(CodeOf(error),
                   "listen on " + Text(address) + ": " + std::system_category().message(error));
}

// The first address of the name, as the HTTP library takes it.
k8s::Result<AddressList> Resolve(const Address& address) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int result =
      getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &wanted, &found);
  if (result != 0) {
    return k8s::Fail(k8s::ErrorCode::kUnavailable,
                     "listen on " + Text(address) + ": " + gai_strerror(result));
  }
  return AddressList(found, &freeaddrinfo);
}

}  // namespace

k8s::Result<Address> ParseAddress(std::string_view text) {
  const auto invalid = [&](std::string_view why) {
    return k8s::Fail(k8s::ErrorCode::kInvalid,
                     "address '" + std::string(text) + "': " + std::string(why));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return invalid("must be host:port or :port");
  const std::string_view host = text.substr(0, colon);
  if (host.find_first_of(":[]/@?# ") != std::string_view::npos) {
    return invalid("the host must be a name or an IPv4 address");
  }
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return invalid("the port must be a number from 0 to 65535");
  }
  return Address{.host = std::string(host.empty() ? kAllAddresses : host), .port = port};
}

k8s::Result<BoundPort> BoundPort::Bind(const Address& address) {
  const k8s::Result<AddressList> found = Resolve(address);
  if (!found) return k8s::unexpected(found.error());
  const addrinfo& first = **found;
  const int socket = ::socket(first.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return Failure(address, errno);
  BoundPort bound(socket, 0);
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(socket, first.ai_addr, first.ai_addrlen) != 0) return Failure(address, errno);
  bound.port_ = PortOf(socket);
  return bound;
}

BoundPort::~BoundPort() {
  if (socket_ >= 0) close(socket_);
}

BoundPort::BoundPort(BoundPort&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), port_(other.port_) {}

}  // namespace ffdl::http
