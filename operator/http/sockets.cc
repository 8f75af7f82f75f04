#include "operator/http/sockets.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

namespace ffdl::http {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

bool IsListening(int socket) {
  int value = 0;
  socklen_t length = sizeof(value);
  return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value != 0;
}

std::optional<int> FdOfEntry(std::string_view name) {
  int fd = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), fd);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return fd;
}

// Calls `visit` with each socket of this port. It is a copy, because other threads close theirs
// meanwhile, and the number may mean another file then.
template <typename Visit>
void ForEachSocket(std::uint16_t port, Visit visit) {
  const Directory fds(opendir("/proc/self/fd"));
  if (!fds) return;
  // The listing is used by this thread alone.
  while (const dirent* entry = readdir(fds.get())) {  // NOLINT(concurrency-mt-unsafe)
    const std::optional<int> fd = FdOfEntry(&entry->d_name[0]);
    if (!fd || PortOf(*fd) != port) continue;
    const int copy = fcntl(*fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) continue;
    if (PortOf(copy) == port) visit(copy);
    close(copy);
  }
}

}  // namespace

std::uint16_t PortOf(int socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  auto* name = reinterpret_cast<sockaddr*>(&storage);
  if (getsockname(socket, name, &length) != 0) return 0;
  if (storage.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(name)->sin_port);
  }
  if (storage.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(name)->sin6_port);
  }
  return 0;
}

void SendWithoutDelay(std::uint16_t port) {
  ForEachSocket(port, [](int socket) {
    const int on = 1;
    if (IsListening(socket)) setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  });
}

int HangUp(std::uint16_t port) {
  int left = 0;
  ForEachSocket(port, [&](int socket) {
    if (IsListening(socket)) return;
    // Of one that has been hung up before, this says that it is not connected.
    shutdown(socket, SHUT_RDWR);
    ++left;
  });
  return left;
}

}  // namespace ffdl::http
