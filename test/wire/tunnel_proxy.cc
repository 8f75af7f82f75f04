#include "test/wire/tunnel_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "test/wire/loopback_server.h"
#include "test/wire/tls_socket.h"

namespace ffdl::test {
namespace {

// RFC 1928.
constexpr char kSocks5 = 5;
constexpr std::string_view kSocks5NoLogin("\x05\x00", 2);
constexpr std::string_view kSocks5Connected("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10);
constexpr std::size_t kSocks5HeadBytes = 5;  // up to the length of the name

bool ReadBytes(int fd, std::size_t size, std::string& bytes) {
  bytes.resize(size);
  return recv(fd, bytes.data(), size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

void SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// "SOCKS5 host:port"; "" when the client speaks something else.
std::string AcceptSocks5(int fd) {
  std::string bytes;
  if (!ReadBytes(fd, 2, bytes) || !ReadBytes(fd, static_cast<std::uint8_t>(bytes[1]), bytes)) {
    return "";
  }
  SendAll(fd, kSocks5NoLogin);
  if (!ReadBytes(fd, kSocks5HeadBytes, bytes) || bytes[3] != 3) return "";  // 3: a name
  std::string name;
  std::string port;
  if (!ReadBytes(fd, static_cast<std::uint8_t>(bytes[4]), name) || !ReadBytes(fd, 2, port)) {
    return "";
  }
  SendAll(fd, kSocks5Connected);
  const int number = static_cast<std::uint8_t>(port[0]) << 8 | static_cast<std::uint8_t>(port[1]);
  return "SOCKS5 " + name + ":" + std::to_string(number);
}

std::string AcceptConnect(int fd) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    std::array<char, 1> byte{};
    if (recv(fd, byte.data(), 1, 0) != 1) return "";
    head += byte[0];
  }
  SendAll(fd, "HTTP/1.1 200 Connected\r\n\r\n");
  std::string asked = head.substr(0, head.find(" HTTP/1.1"));
  const std::size_t login = head.find("Proxy-Authorization: ");
  if (login != std::string::npos) {
    asked += " " + head.substr(login, head.find("\r\n", login) - login);
  }
  return asked;
}

void Relay(int one, int other) {
  std::array<pollfd, 2> ends{pollfd{.fd = one, .events = POLLIN, .revents = 0},
                             pollfd{.fd = other, .events = POLLIN, .revents = 0}};
  std::array<char, 16 * 1024> bytes{};
  while (poll(ends.data(), ends.size(), -1) > 0) {
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends.at(i).revents == 0) continue;
      const ssize_t got = recv(ends.at(i).fd, bytes.data(), bytes.size(), 0);
      if (got <= 0) return;
      SendAll(ends.at(1 - i).fd, {bytes.data(), static_cast<std::size_t>(got)});
    }
  }
}

}  // namespace

class TunnelProxy::Impl {
 public:
  explicit Impl(int target_port)
      : target_port_(target_port), server_([this](int socket, int /*number*/) { Serve(socket); }) {}

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::vector<std::string> tunnels() {
    const std::scoped_lock lock(mutex_);
    return tunnels_;
  }

 private:
  void Serve(int fd) {
    std::array<char, 1> first{};
    if (recv(fd, first.data(), 1, MSG_PEEK) != 1) return;
    const std::string asked = first[0] == kSocks5 ? AcceptSocks5(fd) : AcceptConnect(fd);
    {
      const std::scoped_lock lock(mutex_);
      tunnels_.push_back(asked);
    }
    const int target = ConnectToLoopback(target_port_);
    Relay(fd, target);
    close(target);
  }

  const int target_port_;
  std::mutex mutex_;
  std::vector<std::string> tunnels_;  // guarded by mutex_
  LoopbackServer server_;
};

TunnelProxy::TunnelProxy(int target_port) : impl_(std::make_unique<Impl>(target_port)) {}

TunnelProxy::~TunnelProxy() = default;

std::string TunnelProxy::authority() const { return "127.0.0.1:" + std::to_string(impl_->port()); }

std::vector<std::string> TunnelProxy::tunnels() const { return impl_->tunnels(); }

}  // namespace ffdl::test
