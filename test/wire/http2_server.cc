#include "test/wire/http2_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string_view>
#include <utility>

#include "test/wire/loopback_server.h"
#include "test/wire/tls_socket.h"

namespace ffdl::test {
namespace {

// RFC 9113, section 6.
enum FrameType : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kWindowUpdate = 8,
};
constexpr std::uint8_t kEndStream = 0x1;
constexpr std::uint8_t kAck = 0x1;
constexpr std::uint8_t kEndHeaders = 0x4;
constexpr std::uint32_t kRefusedStream = 7;
constexpr std::size_t kPrefaceBytes = 24;
constexpr std::size_t kFrameHeadBytes = 9;

struct Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;
};

std::string Number(std::uint32_t number) {
  std::string bytes;
  for (unsigned shift = 32; shift > 0;) {
    shift -= 8;
    bytes += static_cast<char>((number >> shift) & 0xFFU);
  }
  return bytes;
}

std::uint32_t NumberAt(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char byte : bytes.substr(0, 4))
    number = number << 8U | static_cast<std::uint8_t>(byte);
  return number;
}

std::string Encode(const Frame& frame) {
  std::string bytes = Number(static_cast<std::uint32_t>(frame.payload.size())).substr(1);
  bytes += static_cast<char>(frame.type);
  bytes += static_cast<char>(frame.flags);
  return bytes + Number(frame.stream) + frame.payload;
}

// HPACK (RFC 7541) without compression: ":status: 200" is entry 8 of the static table, the name
// "content-type" entry 31.
std::string HeadOfAnswer() {
  constexpr std::string_view kType = "application/json";
  std::string block = "\x88\x0F\x10";
  block += static_cast<char>(kType.size());
  return block.append(kType);
}

class Connection final : public Http2Peer {
 public:
  Connection(int fd, int number, SSL_CTX* context) : number_(number), tls_(SSL_new(context)) {
    SSL_set_fd(tls_, fd);
  }
  ~Connection() override { SSL_free(tls_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Serve(const Http2Server::Script& script) {
    std::string preface;
    if (SSL_accept(tls_) != 1 || !Read(kPrefaceBytes, preface)) return;
    Send({.type = kSettings});
    Frame frame;
    while (open_ && ReadFrame(frame)) {
      const bool acknowledged = (frame.flags & kAck) != 0;
      if (frame.type == kSettings && !acknowledged) Send({.type = kSettings, .flags = kAck});
      if (frame.type == kPing && !acknowledged) {
        Send({.type = kPing, .flags = kAck, .payload = frame.payload});
      }
      if (frame.type == kData && !frame.payload.empty()) {
        // What was read is given back, or the client would stop after 64 KiB.
        Send({.type = kWindowUpdate,
              .payload = Number(static_cast<std::uint32_t>(frame.payload.size()))});
      }
      const bool carries = frame.type == kHeaders || frame.type == kData;
      if (carries && (frame.flags & kEndStream) != 0) script(frame.stream, *this);
    }
  }

  [[nodiscard]] int number() const override { return number_; }
  void Answer(std::uint32_t stream, std::string_view body) override {
    Send({.type = kHeaders, .flags = kEndHeaders, .stream = stream, .payload = HeadOfAnswer()});
    Send({.type = kData, .flags = kEndStream, .stream = stream, .payload = std::string(body)});
  }
  void GoAway(std::uint32_t last) override {
    Send({.type = kGoAway, .payload = Number(last) + Number(0)});
  }
  void Refuse(std::uint32_t stream) override {
    Send({.type = kReset, .stream = stream, .payload = Number(kRefusedStream)});
  }
  void Close() override {
    if (std::exchange(open_, false)) SSL_shutdown(tls_);
  }

 private:
  bool Read(std::size_t size, std::string& bytes) {
    bytes.resize(size);
    for (std::size_t got = 0; got < size;) {
      const int now = SSL_read(tls_, bytes.data() + got, static_cast<int>(size - got));
      if (now <= 0) return false;
      got += static_cast<std::size_t>(now);
    }
    return true;
  }
  bool ReadFrame(Frame& frame) {
    std::string head;
    if (!Read(kFrameHeadBytes, head)) return false;
    frame.type = static_cast<std::uint8_t>(head[3]);
    frame.flags = static_cast<std::uint8_t>(head[4]);
    frame.stream = NumberAt(std::string_view(head).substr(5));
    return Read(NumberAt(head) >> 8U, frame.payload);
  }
  void Send(const Frame& frame) {
    const std::string bytes = Encode(frame);
    if (SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) <= 0) open_ = false;
  }

  const int number_;
  SSL* const tls_;
  bool open_ = true;
};

}  // namespace

class Http2Server::Impl {
 public:
  Impl(const Authority& authority, Script script)
      : script_(std::move(script)),
        context_(MakeHttp2Context(authority)),
        server_([this](int socket, int number) {
          Connection(socket, number, context_.get()).Serve(script_);
        }) {}

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

 private:
  static TlsContext MakeHttp2Context(const Authority& authority) {
    TlsContext context = MakeContext(authority, authority.Issue("127.0.0.1"), /*ask_client=*/false);
    PreferHttp2(*context);
    return context;
  }

  const Script script_;
  const TlsContext context_;
  LoopbackServer server_;
};

Http2Server::Http2Server(const Authority& authority, Script script) {
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  impl_ = std::make_unique<Impl>(authority, std::move(script));
}

Http2Server::~Http2Server() = default;

std::string Http2Server::url() const {
  return "https://127.0.0.1:" + std::to_string(impl_->port());
}

}  // namespace ffdl::test
