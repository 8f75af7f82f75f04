#include "test/wire/loopback_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "test/wire/tls_socket.h"

namespace ffdl::test {

LoopbackServer::LoopbackServer(std::function<void(int, int)> serve)
    : serve_(std::move(serve)),
      listener_(ListenOnLoopback(&port_)),
      acceptor_([this] { Accept(); }) {}

LoopbackServer::~LoopbackServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
  for (std::thread& worker : workers_) worker.join();
  for (const int socket : sockets_) close(socket);
}

void LoopbackServer::Accept() {
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    constexpr int kAtOnce = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &kAtOnce, sizeof kAtOnce);
    sockets_.push_back(socket);
    workers_.emplace_back([this, socket, number = static_cast<int>(sockets_.size())] {
      serve_(socket, number);
      shutdown(socket, SHUT_RDWR);
    });
  }
}

}  // namespace ffdl::test
