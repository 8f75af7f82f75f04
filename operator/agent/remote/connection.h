// Connections between learners of one job.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "operator/agent/files.h"
#include "operator/agent/remote/wire.h"
#include "operator/agent/result.h"

namespace ffdl::agent {

using Deadline = std::chrono::steady_clock::time_point;

// In which both sides have proved that they know the key.
struct Connection {
  Fd socket;  // never blocks
  FrameWriter writer;
  FrameReader reader;
};

// The server's side, of one who has connected. Tells who cannot prove himself nothing.
[[nodiscard]] Result<Connection> Accept(Fd socket, std::string_view key, Deadline until);

// The client's side. The error says what is wrong with the host: "does not answer: Connection
// refused".
[[nodiscard]] Result<Connection> Connect(const std::string& host, std::uint16_t port,
                                         std::string_view key, Deadline until);

// A socket that takes connections of any address; port 0 has the kernel choose.
[[nodiscard]] Result<Fd> Listen(std::uint16_t port);

}  // namespace ffdl::agent
