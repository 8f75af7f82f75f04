#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace ffdl::k8s {

// What a transport is doing at one moment, for people.
struct TransportReport {
  struct Connection {
    std::string peer;  // "10.96.0.1:443"; the proxy where there is one; or "nobody yet"
    int port = 0;      // our own end
    std::chrono::nanoseconds age{0};
    int streams = 0;  // that it carries now
    int requests = 0;
  };

  std::vector<Connection> connections;  // the oldest first
  int streams = 0;
  int requests = 0;                    // on their way
  int requests_most = 0;               // that may be
  int waiting = 0;                     // for their turn or for a credential
  std::chrono::nanoseconds silent{0};  // since anything was read; meaningless without connections
};

}  // namespace ffdl::k8s
