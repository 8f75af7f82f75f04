#include "operator/agent/remote/connection.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "operator/agent/remote/names.h"

namespace ffdl::agent {
namespace {

// A node that is gone does not say so: how long its silence is borne, asking every few seconds.
constexpr int kSilentSeconds = 60;
constexpr int kAskSeconds = 15;
constexpr int kBacklog = 128;

void Set(int socket, int level, int option, int value) {
  setsockopt(socket, level, option, &value, sizeof(value));
}

void WatchSilence(int socket) {
  Set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  Set(socket, IPPROTO_TCP, TCP_KEEPIDLE, kAskSeconds);
  Set(socket, IPPROTO_TCP, TCP_KEEPINTVL, kAskSeconds);
  Set(socket, IPPROTO_TCP, TCP_KEEPCNT, kSilentSeconds / kAskSeconds - 1);
  Set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, kSilentSeconds * 1000);
  Set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

// False when the time is over.
bool Await(int socket, short events, Deadline until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Deadline::clock::now());
    pollfd polled{.fd = socket, .events = events, .revents = 0};
    const int ready = poll(&polled, 1, static_cast<int>(std::clamp<long>(left.count(), 0, 60'000)));
    if (ready > 0) return true;
    if (left.count() <= 0) return false;
  }
}

tl::unexpected<Error> Silence(const char* what, int error) {
  if (error == 0) return Fail(std::string(what) + ": the connection was closed");
  return Fail(std::string(what) + ": " + strerrordesc_np(error));
}

Result<std::string> ReadExactly(int socket, std::size_t bytes, Deadline until) {
  std::string text(bytes, '\0');
  for (std::size_t have = 0; have < bytes;) {
    if (!Await(socket, POLLIN, until)) return Silence("says nothing", ETIMEDOUT);
    const ssize_t count = read(socket, text.data() + have, bytes - have);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return Silence("says no more", count < 0 ? errno : 0);
    have += static_cast<std::size_t>(count);
  }
  return text;
}

// A few bytes, which fit into what the kernel keeps for a new connection.
Result<void> Send(int socket, std::string_view bytes, Deadline until) {
  while (!bytes.empty()) {
    if (!Await(socket, POLLOUT, until)) return Silence("takes nothing", ETIMEDOUT);
    const ssize_t count = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return Silence("takes nothing", errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<std::string> MakeNonce() {
  std::string nonce(kNonceBytes, '\0');
  if (getrandom(nonce.data(), nonce.size(), 0) != static_cast<ssize_t>(nonce.size())) {
    return Silence("no random numbers", errno);
  }
  return nonce;
}

Connection Proven(Fd socket, Side own, std::string_view key, const Nonces& nonces) {
  const Side other = own == Side::kServer ? Side::kClient : Side::kServer;
  WatchSilence(socket.get());
  return {.socket = std::move(socket),
          .writer = FrameWriter(FrameKeyOf(key, own, nonces)),
          .reader = FrameReader(FrameKeyOf(key, other, nonces))};
}

Address AnyAddress(int family, std::uint16_t port) {
  Address any;
  if (family == AF_INET6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&any.bytes, &v6, sizeof(v6));
    any.size = sizeof(v6);
  } else {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&any.bytes, &v4, sizeof(v4));
    any.size = sizeof(v4);
  }
  return any;
}

Result<Fd> Open(const Address& address, Deadline until) {
  Fd socket(::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return Silence("cannot be reached", errno);
  // The call takes addresses of all families by this type.
  const auto* const to = reinterpret_cast<const sockaddr*>(&address.bytes);
  if (connect(socket.get(), to, address.size) == 0) return socket;
  if (errno != EINPROGRESS) return Silence("does not answer", errno);
  if (!Await(socket.get(), POLLOUT, until)) return Silence("does not answer", ETIMEDOUT);
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return Silence("does not answer", error);
  return socket;
}

Result<Connection> Introduce(Fd socket, std::string_view key, Deadline until) {
  const auto greeting = ReadExactly(socket.get(), kMagic.size() + kNonceBytes, until);
  if (!greeting) return tl::unexpected(greeting.error());
  if (!greeting->starts_with(kMagic)) return Fail("is no learner of a job: something else answers");
  const auto nonce = MakeNonce();
  if (!nonce) return tl::unexpected(nonce.error());
  const Nonces nonces{.server = greeting->substr(kMagic.size()), .client = *nonce};
  std::string answer = nonces.client;
  answer.append(AsText(ProofOf(key, Side::kClient, nonces)));
  if (const auto sent = Send(socket.get(), answer, until); !sent) {
    return tl::unexpected(sent.error());
  }
  const auto proof = ReadExactly(socket.get(), kProofBytes, until);
  if (!proof || !IsSame(*proof, AsText(ProofOf(key, Side::kServer, nonces)))) {
    return Fail("has not the key of this job, or not yet");
  }
  return Proven(std::move(socket), Side::kClient, key, nonces);
}

}  // namespace

Result<Connection> Accept(Fd socket, std::string_view key, Deadline until) {
  const auto nonce = MakeNonce();
  if (!nonce) return tl::unexpected(nonce.error());
  if (auto sent = Send(socket.get(), std::string(kMagic) + *nonce, until); !sent) {
    return tl::unexpected(sent.error());
  }
  const auto answer = ReadExactly(socket.get(), kNonceBytes + kProofBytes, until);
  if (!answer) return tl::unexpected(answer.error());
  const Nonces nonces{.server = *nonce, .client = answer->substr(0, kNonceBytes)};
  if (!IsSame(answer->substr(kNonceBytes), AsText(ProofOf(key, Side::kClient, nonces)))) {
    return Fail("has not the key of this job");
  }
  if (auto sent = Send(socket.get(), AsText(ProofOf(key, Side::kServer, nonces)), until); !sent) {
    return tl::unexpected(sent.error());
  }
  return Proven(std::move(socket), Side::kServer, key, nonces);
}

Result<Connection> Connect(const std::string& host, std::uint16_t port, std::string_view key,
                           Deadline until) {
  const auto addresses = Resolve(host, port);
  if (!addresses) return tl::unexpected(addresses.error());
  Result<Connection> last = Fail("has no address");
  for (const Address& address : *addresses) {
    Result<Fd> socket = Open(address, until);
    if (!socket) {
      last = tl::unexpected(socket.error());
      continue;
    }
    last = Introduce(std::move(*socket), key, until);
    if (last) break;
  }
  return last;
}

Result<Fd> Listen(std::uint16_t port) {
  const std::string what = "port " + std::to_string(port);
  // IPv6 takes both, where the kernel has it.
  for (const int family : {AF_INET6, AF_INET}) {
    Fd socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.valid()) continue;
    Set(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (family == AF_INET6) Set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    const Address any = AnyAddress(family, port);
    const auto* const at = reinterpret_cast<const sockaddr*>(&any.bytes);
    if (bind(socket.get(), at, any.size) == 0 && listen(socket.get(), kBacklog) == 0) {
      return socket;
    }
    if (errno != EADDRNOTAVAIL) return FailWith("listen on", what, errno);
  }
  return FailWith("listen on", what, EADDRNOTAVAIL);
}

}  // namespace ffdl::agent
