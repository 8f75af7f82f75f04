#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "test/unit/operator/agent/launch_fixture.h"

namespace ffdl::agent::test {

// Learners of an MPI job as processes of this machine: learner 2 is at 127.0.0.1.
class RemoteFixture : public LaunchFixture {
 protected:
  RemoteFixture() { folder_.Write("key", std::string(64, 'k')); }

  // A learner whose memory and files are in folders of its own.
  [[nodiscard]] ProcessOptions Learner(int number, const std::vector<std::string>& command,
                                       const std::string& wait = "20") const {
    const std::string own = folder_.Path("learner-" + std::to_string(number));
    std::filesystem::create_directory(own);
    std::vector<std::string> all = {FFDL_LAUNCH_PROGRAM,
                                    "--state",
                                    own + "/state",
                                    "--termination-log",
                                    own + "/end",
                                    "--mpi-hosts",
                                    "m-learner-0.m slots=1,127.0.0.1 slots=1",
                                    "--mpi-dir",
                                    own,
                                    "--mpi-key",
                                    folder_.Path("key"),
                                    "--mpi-port",
                                    std::to_string(port_),
                                    "--mpi-wait",
                                    wait,
                                    "--"};
    all.insert(all.end(), command.begin(), command.end());
    return {.command = all,
            .environment = {{"NUM_LEARNERS", "2"},
                            {"FFDL_POD_NAME", "m-learner-" + std::to_string(number - 1)}}};
  }

  // Learner 2, which listens.
  void Serve() {
    server_.emplace(Learner(2, {"false"}));
    server_->AwaitError("waiting for what the launcher asks for\n");
  }
  [[nodiscard]] Process& server() { return *server_; }

  // What Open MPI and its like start.
  [[nodiscard]] ProcessOptions Shell(const std::string& command,
                                     const std::string& key = "key") const {
    return {.command = {folder_.Path("learner-2/bin/ffdl-rsh"), "127.0.0.1", command},
            .environment = {{"FFDL_MPI_KEY", folder_.Path(key)},
                            {"FFDL_MPI_PORT", std::to_string(port_)}}};
  }

  [[nodiscard]] std::string EndOf(int number) const {
    return ReadText(folder_.Path("learner-" + std::to_string(number) + "/end"));
  }

  // A connection to learner 2 that speaks no protocol yet.
  [[nodiscard]] int Dial() const {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port_);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(0, connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof(to)));
    return socket;
  }

  const std::uint16_t port_ = FreePort();

 private:
  static std::uint16_t FreePort() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    socklen_t size = sizeof(at);
    EXPECT_EQ(0, bind(socket, reinterpret_cast<const sockaddr*>(&at), sizeof(at)));
    EXPECT_EQ(0, getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size));
    close(socket);
    return ntohs(at.sin_port);
  }

  std::optional<Process> server_;
};

}  // namespace ffdl::agent::test
