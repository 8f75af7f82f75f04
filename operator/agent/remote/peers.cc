#include "operator/agent/remote/peers.h"

#include <algorithm>
#include <ctime>
#include <optional>

#include "operator/agent/remote/connection.h"

namespace ffdl::agent {
namespace {

// The one that came within this time, or 0.
int StopSignalWithin(std::chrono::milliseconds time) {
  sigset_t stop;
  sigemptyset(&stop);
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT}) sigaddset(&stop, signal);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const timespec wait{.tv_sec = seconds.count(),
                      .tv_nsec = std::chrono::nanoseconds(time - seconds).count()};
  return std::max(sigtimedwait(&stop, nullptr, &wait), 0);
}

std::string Missing(const std::string& host, const std::string& why, std::size_t others) {
  std::string text = host + " " + why;
  if (others > 0) text += ", and " + std::to_string(others) + " more are missing";
  return text;
}

}  // namespace

PeersAwaited AwaitPeers(std::vector<std::string> hosts, std::uint16_t port, std::string_view key,
                        std::chrono::seconds patience,
                        const std::function<void(const std::string&)>& tell,
                        const PeersLimits& limits) {
  const Deadline until = Deadline::clock::now() + patience;
  Deadline tell_at = Deadline::clock::now() + limits.tell;
  while (!hosts.empty()) {
    std::string why;  // of the first that is missing
    std::vector<std::string> missing;
    for (const std::string& host : hosts) {
      if (const int signal = StopSignalWithin({})) return {.stop_signal = signal};
      const auto connection = Connect(host, port, key, Deadline::clock::now() + limits.each);
      if (connection) continue;
      if (missing.empty()) why = connection.error().message;
      missing.push_back(host);
    }
    hosts = std::move(missing);
    if (hosts.empty()) break;
    const std::string text = Missing(hosts.front(), why, hosts.size() - 1);
    const Deadline now = Deadline::clock::now();
    if (now >= until) return {.missing = text};
    if (now >= tell_at) {
      tell(text);
      tell_at = now + limits.tell;
    }
    if (const int signal = StopSignalWithin(limits.between)) return {.stop_signal = signal};
  }
  return {};
}

}  // namespace ffdl::agent
