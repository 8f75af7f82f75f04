#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "operator/agent/result.h"

namespace ffdl::agent {

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

// Where a host is: a number, or a name that DNS knows, as /etc/resolv.conf says. Not getaddrinfo(),
// which in a static program loads libraries of whatever image it finds itself in. Waits for a few
// seconds at most.
[[nodiscard]] Result<std::vector<Address>> Resolve(const std::string& host, std::uint16_t port);

}  // namespace ffdl::agent
