#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ffdl::agent {

struct PeersAwaited {
  int stop_signal = 0;  // which came meanwhile; 0 for none
  std::string missing;  // who does not answer, and how; "" when all do
};

struct PeersLimits {
  std::chrono::milliseconds each{3'000};   // for one to answer
  std::chrono::milliseconds between{500};  // rounds of asking
  std::chrono::seconds tell{30};           // how often to tell who is missing
};

// Waits until every host answers as a learner of this job. Needs the signals that ask to stop
// blocked.
[[nodiscard]] PeersAwaited AwaitPeers(std::vector<std::string> hosts, std::uint16_t port,
                                      std::string_view key, std::chrono::seconds patience,
                                      const std::function<void(const std::string&)>& tell,
                                      const PeersLimits& limits = {});

}  // namespace ffdl::agent
