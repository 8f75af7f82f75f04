#include "test/wire/tls_front.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>

#include "test/wire/loopback_server.h"
#include "test/wire/tls_socket.h"

namespace ffdl::test {
namespace {

constexpr std::size_t kPieceBytes = 16UL * 1024;

// False when that direction has ended.
bool ToPlain(SSL* tls, int plain) {
  std::array<char, kPieceBytes> bytes{};
  do {
    const int got = SSL_read(tls, bytes.data(), static_cast<int>(bytes.size()));
    if (got <= 0) return false;
    if (send(plain, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got) return false;
  } while (SSL_pending(tls) > 0);
  return true;
}

bool ToTls(int plain, SSL* tls) {
  std::array<char, kPieceBytes> bytes{};
  const ssize_t got = recv(plain, bytes.data(), bytes.size(), 0);
  return got > 0 && SSL_write(tls, bytes.data(), static_cast<int>(got)) > 0;
}

void Relay(SSL* tls, int plain) {
  std::array<pollfd, 2> ends{pollfd{.fd = SSL_get_fd(tls), .events = POLLIN, .revents = 0},
                             pollfd{.fd = plain, .events = POLLIN, .revents = 0}};
  while (poll(ends.data(), ends.size(), -1) > 0) {
    if (ends[0].revents != 0 && !ToPlain(tls, plain)) return;
    if (ends[1].revents != 0 && !ToTls(plain, tls)) return;
  }
}

}  // namespace

class TlsFront::Impl {
 public:
  Impl(const Authority& authority, const std::string& name, int target_port)
      : target_port_(target_port),
        context_(MakeContext(authority, authority.Issue(name), /*ask_client=*/false)),
        server_([this](int socket, int /*number*/) { Serve(socket); }) {}

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] int handshakes() const { return handshakes_; }

 private:
  void Serve(int socket) {
    SSL* const tls = SSL_new(context_.get());
    SSL_set_fd(tls, socket);
    if (SSL_accept(tls) == 1) {
      ++handshakes_;
      const int target = ConnectToLoopback(target_port_);
      Relay(tls, target);
      close(target);
    }
    SSL_free(tls);
  }

  const int target_port_;
  const TlsContext context_;
  std::atomic<int> handshakes_{0};
  LoopbackServer server_;
};

TlsFront::TlsFront(const Authority& authority, const std::string& name, int target_port)
    : impl_(std::make_unique<Impl>(authority, name, target_port)) {}

TlsFront::~TlsFront() = default;

std::string TlsFront::authority() const { return "127.0.0.1:" + std::to_string(impl_->port()); }

int TlsFront::handshakes() const { return impl_->handshakes(); }

}  // namespace ffdl::test
