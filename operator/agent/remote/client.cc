#include "operator/agent/remote/client.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include "operator/agent/files.h"
#include "operator/agent/remote/connection.h"
#include "operator/agent/remote/mpi.h"
#include "operator/agent/remote/shell_call.h"
#include "operator/agent/supervisor.h"

namespace ffdl::agent {
namespace {

constexpr std::size_t kChunkBytes = 16384;
constexpr std::size_t kWaitingBytesMax = std::size_t{256} << 10U;
// The launcher has seen all learners answer, so one that does not has gone or is about to.
constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kBetweenTries{500};

int Complain(const std::string& host, std::string_view why) {
  std::string line = "ffdl-rsh: ";
  if (!host.empty()) line.append(host).append(" ");
  line.append(why).append("\n");
  (void)WriteAll(STDERR_FILENO, line);
  return kExitShellFailed;
}

Result<Connection> Reach(const std::string& host, std::uint16_t port, const std::string& key) {
  const Deadline until = Deadline::clock::now() + kPatience;
  for (;;) {
    Result<Connection> connection = Connect(host, port, key, until);
    if (connection || Deadline::clock::now() + kBetweenTries >= until) return connection;
    poll(nullptr, 0, static_cast<int>(kBetweenTries.count()));
  }
}

// Carries streams and signals until the command has ended.
class Call {
 public:
  Call(const ShellCall& call, Connection connection)
      : host_(call.host), connection_(std::move(connection)), input_over_(call.no_input) {
    sigset_t watched;
    sigemptyset(&watched);
    for (const int signal : kPassedSignals) sigaddset(&watched, signal);
    pthread_sigmask(SIG_BLOCK, &watched, nullptr);
    signals_ = Fd(signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC));
    connection_.writer.Append(FrameType::kRun, call.command, to_server_);
    if (input_over_) connection_.writer.Append(FrameType::kInputEnd, "", to_server_);
  }

  int Run() {
    while (!exit_code_) Wait();
    return *exit_code_;
  }

 private:
  void Wait() {
    const bool reads = !input_over_ && to_server_.size() < kWaitingBytesMax;
    const int socket_events = POLLIN | (to_server_.empty() ? 0 : POLLOUT);
    std::array<pollfd, 3> polled{
        pollfd{.fd = reads ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0},
        pollfd{.fd = connection_.socket.get(),
               .events = static_cast<short>(socket_events),
               .revents = 0},
        pollfd{.fd = signals_.get(), .events = POLLIN, .revents = 0}};
    if (poll(polled.data(), polled.size(), -1) < 0) return;
    if (polled[0].revents != 0) ReadInput();
    if (polled[2].revents != 0) TakeSignals();
    if ((polled[1].revents & POLLOUT) != 0) Flush();
    if ((polled[1].revents & ~POLLOUT) != 0) Receive();
  }

  void ReadInput() {
    std::array<char, kChunkBytes> chunk{};
    const ssize_t count = read(STDIN_FILENO, chunk.data(), chunk.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count > 0) {
      connection_.writer.Append(FrameType::kInput, {chunk.data(), static_cast<std::size_t>(count)},
                                to_server_);
    } else {
      input_over_ = true;
      connection_.writer.Append(FrameType::kInputEnd, "", to_server_);
    }
  }

  void TakeSignals() {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
      connection_.writer.Append(FrameType::kSignal,
                                std::string(1, static_cast<char>(info.ssi_signo)), to_server_);
    }
  }

  void Flush() {
    const ssize_t count =
        send(connection_.socket.get(), to_server_.data(), to_server_.size(), MSG_NOSIGNAL);
    if (count > 0) to_server_.erase(0, static_cast<std::size_t>(count));
    // Of a connection that is lost, Receive() hears.
  }

  void Receive() {
    std::array<char, kChunkBytes> chunk{};
    const ssize_t count = read(connection_.socket.get(), chunk.data(), chunk.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count <= 0) return Lose("was lost while the command ran");
    connection_.reader.Feed({chunk.data(), static_cast<std::size_t>(count)});
    while (!exit_code_) {
      const Result<std::optional<Frame>> frame = connection_.reader.Next();
      if (!frame) return Lose(frame.error().message);
      if (!*frame) return;
      Take(**frame);
    }
  }

  void Take(const Frame& frame) {
    if (frame.type == FrameType::kOutput) {
      (void)WriteAll(STDOUT_FILENO, frame.payload);  // who does not listen misses it
    } else if (frame.type == FrameType::kError) {
      (void)WriteAll(STDERR_FILENO, frame.payload);
    } else if (frame.type == FrameType::kEnded && frame.payload.size() == 1) {
      exit_code_ = static_cast<unsigned char>(frame.payload[0]);
    } else if (frame.type == FrameType::kRefused) {
      Lose("did not start the command: " + frame.payload);
    } else {
      Lose("sent what no learner sends");
    }
  }

  void Lose(const std::string& why) { exit_code_ = Complain(host_, why); }

  const std::string& host_;
  Connection connection_;
  Fd signals_;
  std::string to_server_;  // whole frames
  bool input_over_;
  std::optional<int> exit_code_;
};

}  // namespace

int RunOnPeer(std::span<char* const> arguments, const Environment& environment) {
  const Result<ShellCall> call = ReadShellCall(arguments);
  if (!call) return Complain("", call.error().message);
  if (call->command.size() > kPayloadBytesMax)
    return Complain(call->host, "gets too long a command");
  const Result<std::string> key = ReadJobKey(environment.GetOrEmpty("FFDL_MPI_KEY"));
  if (!key) return Complain("", key.error().message);
  (void)std::signal(SIGPIPE, SIG_IGN);
  Result<Connection> connection = Reach(call->host, PortIn(environment), *key);
  if (!connection) return Complain(call->host, connection.error().message);
  return Call(*call, std::move(*connection)).Run();
}

}  // namespace ffdl::agent
