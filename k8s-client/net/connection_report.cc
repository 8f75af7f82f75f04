// The part of ConnectionGroup that tells people what it is doing.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <set>
#include <string>

#include "k8s-client/net/connection_group.h"

namespace ffdl::k8s {
namespace {

struct Endpoint {
  std::string host;
  int port = 0;
};

using NameOf = int (*)(int, sockaddr*, socklen_t*);  // getsockname or getpeername

// Without a host while the socket is still connecting.
Endpoint EndOf(int socket, NameOf name_of) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  auto* const generic = reinterpret_cast<sockaddr*>(&storage);
  if (name_of(socket, generic, &size) != 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(storage);
    inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
    return {.host = "[" + std::string(text.data()) + "]", .port = ntohs(address.sin6_port)};
  }
  const auto& address = reinterpret_cast<const sockaddr_in&>(storage);
  inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  return {.host = text.data(), .port = ntohs(address.sin_port)};
}

std::string ToText(const Endpoint& end) { return end.host + ":" + std::to_string(end.port); }

TransportReport::Connection Describe(int socket, std::chrono::nanoseconds age) {
  const Endpoint peer = EndOf(socket, &getpeername);
  return {.peer = peer.host.empty() ? "nobody yet" : ToText(peer),
          .port = EndOf(socket, &getsockname).port,
          .age = age};
}

}  // namespace

// What is under way on it now.
void ConnectionGroup::CountOn(TransportReport::Connection& connection) const {
  for (const auto& [id, exchange] : exchanges_) {
    if (!exchange->sent() || exchange->port() != connection.port) continue;
    ++(exchange->is_stream() ? connection.streams : connection.requests);
  }
}

TransportReport ConnectionGroup::Report() const {
  TransportReport report{.streams = streams_,
                         .requests = requests_in_flight_,
                         .requests_most = limit_.limit(),
                         .silent = loop_.woke_at() - liveness_.last_read()};
  if (shut_) return report;
  std::set<const EasyPool*> pools{&connections_->pool()};
  for (const auto& [id, exchange] : exchanges_) {
    if (exchange->connections) pools.insert(&exchange->connections->pool());
    if (exchange->easy() == nullptr) ++report.waiting;
  }
  for (const EasyPool* const pool : pools) {
    for (const auto& [socket, opened_at] : pool->sockets()) {
      CountOn(report.connections.emplace_back(Describe(socket, loop_.woke_at() - opened_at)));
    }
  }
  std::ranges::sort(report.connections, std::ranges::greater{}, &TransportReport::Connection::age);
  return report;
}

}  // namespace ffdl::k8s
