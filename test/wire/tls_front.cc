#include "test/wire/tls_front.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

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
        listener_(ListenOnLoopback(&port_)),
        acceptor_([this] { Accept(); }) {}
  ~Impl() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    close(listener_);
    for (const int fd : sockets_) shutdown(fd, SHUT_RDWR);
    for (std::thread& worker : workers_) worker.join();
    for (const int fd : sockets_) close(fd);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int handshakes() const { return handshakes_; }

 private:
  void Accept() {
    while (true) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      sockets_.push_back(fd);
      workers_.emplace_back([this, fd] { Serve(fd); });
    }
  }
  void Serve(int fd) {
    SSL* const tls = SSL_new(context_.get());
    SSL_set_fd(tls, fd);
    if (SSL_accept(tls) == 1) {
      ++handshakes_;
      const int target = ConnectToLoopback(target_port_);
      Relay(tls, target);
      close(target);
    }
    SSL_free(tls);
    shutdown(fd, SHUT_RDWR);
  }

  const int target_port_;
  const TlsContext context_;
  std::uint16_t port_ = 0;
  const int listener_;
  std::atomic<int> handshakes_{0};
  std::vector<int> sockets_;  // of the acceptor, until it has ended
  std::vector<std::thread> workers_;
  std::thread acceptor_;
};

TlsFront::TlsFront(const Authority& authority, const std::string& name, int target_port)
    : impl_(std::make_unique<Impl>(authority, name, target_port)) {}

TlsFront::~TlsFront() = default;

std::string TlsFront::authority() const { return "127.0.0.1:" + std::to_string(impl_->port()); }

int TlsFront::handshakes() const { return impl_->handshakes(); }

}  // namespace ffdl::test
