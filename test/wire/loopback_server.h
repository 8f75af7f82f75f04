#pragma once

#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace ffdl::test {

// Accepts connections on a free port of 127.0.0.1 and gives each a thread. For servers of tests.
class LoopbackServer {
 public:
  // `serve` gets the socket and the number of the connection, counted from 1, on the connection's
  // thread. It does not close the socket; when it returns both directions end.
  explicit LoopbackServer(std::function<void(int socket, int number)> serve);
  // Cuts all connections and waits for their threads.
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void Accept();

  const std::function<void(int, int)> serve_;
  std::uint16_t port_ = 0;
  const int listener_;
  std::vector<int> sockets_;  // of the acceptor, until it has ended
  std::vector<std::thread> workers_;
  std::thread acceptor_;
};

}  // namespace ffdl::test
