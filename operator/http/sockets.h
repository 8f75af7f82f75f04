// Sockets of the HTTP library, which it keeps out of reach: they are found by their port among all
// of the process. Thread-safe.
#pragma once

#include <cstdint>

namespace ffdl::http {

// Of this end; 0 when the socket has none.
[[nodiscard]] std::uint16_t PortOf(int socket);

// Makes connections accepted on `port` send at once. The library writes head and body of an answer
// apart, which costs 40 ms a request while the peer delays its acknowledgement; what it accepts
// inherits the setting from its listening socket.
void SendWithoutDelay(std::uint16_t port);

// Ends the connections that were accepted on `port`, as if their clients had gone; returns how many
// there are still. The library notices by itself, and closes them in threads of its own.
int HangUp(std::uint16_t port);

}  // namespace ffdl::http
