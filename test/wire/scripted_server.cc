#include "test/wire/scripted_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "test/wire/tls_socket.h"

namespace ffdl::test {
namespace {

void ResetAndClose(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(fd);
}

class TlsPeer final : public Peer {
 public:
  TlsPeer(int fd, int number, SSL_CTX* context) : fd_(fd), number_(number), tls_(SSL_new(context)) {
    SSL_set_fd(tls_, fd);
  }
  ~TlsPeer() override { SSL_free(tls_); }
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  [[nodiscard]] bool Accept() { return SSL_accept(tls_) == 1; }
  [[nodiscard]] bool open() const { return open_; }
  [[nodiscard]] bool reset() const { return reset_; }

  [[nodiscard]] int number() const override { return number_; }
  void Write(std::string_view bytes) override {
    if (open_ && SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) <= 0) open_ = false;
  }
  void Close() override {
    if (std::exchange(open_, false)) SSL_shutdown(tls_);
  }
  void Reset() override {
    open_ = false;
    reset_ = true;
  }
  void Hang() override {
    pollfd gone{.fd = fd_, .events = POLLRDHUP, .revents = 0};
    poll(&gone, 1, -1);
    open_ = false;
  }

  // Empty when the connection ended.
  [[nodiscard]] std::optional<SeenRequest> ReadRequest() {
    std::size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return std::nullopt;
    }
    SeenRequest request = ParseHead(buffer_.substr(0, end + 2));
    const std::size_t size = std::stoul("0" + request.headers["content-length"]);
    while (buffer_.size() < end + 4 + size) {
      if (!Fill()) return std::nullopt;
    }
    request.body = buffer_.substr(end + 4, size);
    buffer_.erase(0, end + 4 + size);
    return request;
  }

 private:
  bool Fill() {
    std::array<char, 4096> bytes{};
    const int got = SSL_read(tls_, bytes.data(), static_cast<int>(bytes.size()));
    if (got > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  static SeenRequest ParseHead(std::string_view head) {
    SeenRequest request;
    const std::size_t blank = head.find(' ');
    request.method = head.substr(0, blank);
    request.target = head.substr(blank + 1, head.find(' ', blank + 1) - blank - 1);
    const std::size_t timeout = request.target.rfind("timeout=");
    if (timeout != std::string::npos && timeout > 0 &&
        (request.target[timeout - 1] == '?' || request.target[timeout - 1] == '&')) {
      request.timeout = request.target.substr(timeout + 8);
      request.target.resize(timeout - 1);
    }
    std::size_t at = head.find("\r\n") + 2;
    while (at < head.size()) {
      const std::size_t end = head.find("\r\n", at);
      const std::size_t colon = head.find(": ", at);
      std::string name(head.substr(at, colon - at));
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
      request.headers[name] = head.substr(colon + 2, end - colon - 2);
      at = end + 2;
    }
    return request;
  }

  const int fd_;
  const int number_;
  SSL* const tls_;
  std::string buffer_;
  bool open_ = true;
  bool reset_ = false;
};

}  // namespace

class ScriptedServer::Impl {
 public:
  Impl(const Authority& authority, Options options, Script script)
      : options_(std::move(options)),
        script_(std::move(script)),
        context_(
            MakeContext(authority, authority.Issue(options_.name), options_.client_certificate)),
        listener_(ListenOnLoopback(&port_)),
        acceptor_([this] { Accept(); }) {
    if (options_.claims_http2) PreferHttp2(*context_);
  }

  ~Impl() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    close(listener_);
    {
      const std::scoped_lock lock(mutex_);
      for (const int fd : open_) shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& worker : workers_) worker.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void Accept() {
    while (true) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      const int number = ++connections_;
      if (options_.reset_before_tls) {
        ResetAndClose(fd);
        continue;
      }
      constexpr int kAtOnce = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &kAtOnce, sizeof kAtOnce);
      const std::scoped_lock lock(mutex_);
      open_.push_back(fd);
      workers_.emplace_back([this, fd, number] { Serve(fd, number); });
    }
  }

  void Serve(int fd, int number) {
    TlsPeer peer(fd, number, context_.get());
    if (peer.Accept()) {
      while (peer.open()) {
        const std::optional<SeenRequest> request = peer.ReadRequest();
        if (!request) break;
        script_(*request, peer);
      }
    }
    const std::scoped_lock lock(mutex_);
    std::erase(open_, fd);
    peer.reset() ? ResetAndClose(fd) : static_cast<void>(close(fd));
  }

  const Options options_;
  const Script script_;
  const TlsContext context_;
  std::uint16_t port_ = 0;
  const int listener_;
  std::atomic<int> connections_{0};
  std::mutex mutex_;  // guards the next two
  std::vector<int> open_;
  std::vector<std::thread> workers_;
  std::thread acceptor_;
};

ScriptedServer::ScriptedServer(const Authority& authority, Options options, Script script) {
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));  // clients leave in the middle of an answer
  impl_ = std::make_unique<Impl>(authority, std::move(options), std::move(script));
}

ScriptedServer::~ScriptedServer() = default;

std::string ScriptedServer::url() const {
  return "https://127.0.0.1:" + std::to_string(impl_->port());
}

int ScriptedServer::connections() const { return impl_->connections(); }

std::string Answer(int status, std::string_view body, std::string_view content_type,
                   std::string_view headers) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Status\r\n";
  text.append("Content-Type: ").append(content_type).append("\r\n").append(headers);
  text.append("Content-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n\r\n")
      .append(body);
  return text;
}

std::string StreamHead(std::string_view headers) {
  std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  return head.append(headers).append("Transfer-Encoding: chunked\r\n\r\n");
}

std::string Chunk(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string size;
  for (std::size_t left = bytes.size(); left > 0; left /= 16) size.insert(0, 1, kHex[left % 16]);
  return size.append("\r\n").append(bytes).append("\r\n");
}

int ClosedPort() {
  std::uint16_t port = 0;
  close(ListenOnLoopback(&port));
  return port;
}

}  // namespace ffdl::test
