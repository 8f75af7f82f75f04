#include "operator/agent/remote/session.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "operator/agent/program.h"
#include "operator/agent/remote/processes.h"
#include "operator/agent/supervisor.h"
#include "operator/agent/termination.h"

namespace ffdl::agent {
namespace {

constexpr std::size_t kChunkBytes = 16384;
// What is kept for the other side before more is read: beyond it, whoever writes has to wait.
constexpr std::size_t kWaitingBytesMax = std::size_t{256} << 10U;
constexpr std::chrono::milliseconds kLookAgain{50};

struct Ends {
  Fd read;
  Fd write;
};

std::optional<Ends> MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  return Ends{.read = Fd(ends[0]), .write = Fd(ends[1])};
}

void SetNonBlocking(const Fd& fd) {
  fcntl(fd.get(), F_SETFL, O_NONBLOCK);  // NOLINT(cppcoreguidelines-pro-type-vararg)
}

int MillisecondsUntil(Deadline until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Deadline::clock::now());
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

}  // namespace

Session::Session(Connection connection, const Environment& environment, const sigset_t& mask,
                 const SessionLimits& limits)
    : connection_(std::move(connection)), environment_(environment), mask_(mask), limits_(limits) {
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  for (const int signal : kPassedSignals) sigaddset(&watched, signal);
  signals_ = Fd(signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC));
}

void Session::Run() {
  const std::optional<std::string> command = AwaitCommand();
  if (command && Start(*command)) Serve();
  if (lost_) return EndAll();
  const Deadline until = Deadline::clock::now() + limits_.flush;
  while (!to_client_.empty() && !lost_ && Deadline::clock::now() < until) {
    pollfd polled{.fd = connection_.socket.get(), .events = POLLOUT, .revents = 0};
    if (poll(&polled, 1, MillisecondsUntil(until)) > 0) Flush();
  }
}

// Nothing from one who only wanted to know whether we are there.
std::optional<std::string> Session::AwaitCommand() {
  const Deadline until = Deadline::clock::now() + limits_.command;
  while (!lost_) {
    const Result<std::optional<Frame>> frame = connection_.reader.Next();
    if (!frame) return std::nullopt;
    if (*frame) {
      return (*frame)->type == FrameType::kRun ? std::optional((*frame)->payload) : std::nullopt;
    }
    pollfd polled{.fd = connection_.socket.get(), .events = POLLIN, .revents = 0};
    if (poll(&polled, 1, MillisecondsUntil(until)) == 0) return std::nullopt;
    Receive();
  }
  return std::nullopt;
}

bool Session::Start(const std::string& command) {
  auto input = MakePipe();
  auto output = MakePipe();
  auto error = MakePipe();
  std::string shell = "/bin/sh";
  std::string flag = "-c";
  std::string text = command;
  std::array<char*, 4> words{shell.data(), flag.data(), text.data(), nullptr};
  if (!input || !output || !error || command.find('\0') != std::string::npos) {
    connection_.writer.Append(FrameType::kRefused, "it has no room for another command",
                              to_client_);
    return false;
  }
  const auto started = StartProgram(
      std::span<char* const>(words.data(), 3), environment_,
      {.input = input->read.get(), .output = output->write.get(), .error = error->write.get()},
      mask_);
  if (!started) {
    connection_.writer.Append(FrameType::kRefused, started.error().message, to_client_);
    return false;
  }
  command_ = *started;
  input_ = std::move(input->write);
  output_ = std::move(output->read);
  error_ = std::move(error->read);
  for (const Fd* const fd : {&input_, &output_, &error_}) SetNonBlocking(*fd);
  return true;
}

void Session::Serve() {
  Reap();  // it may have ended before there was anybody to hear of it
  while (!lost_) {
    if (status_ && OutputIsOver()) return TellEnd();
    Wait();
  }
}

bool Session::OutputIsOver() const {
  return (!output_.valid() && !error_.valid()) ||
         (linger_until_ && Deadline::clock::now() >= *linger_until_);
}

void Session::Wait() {
  const bool room = to_client_.size() < kWaitingBytesMax;
  const auto reads = [room](const Fd& fd) {
    return pollfd{.fd = room ? fd.get() : -1, .events = POLLIN, .revents = 0};
  };
  const int socket_events =
      (to_command_.size() < kWaitingBytesMax ? POLLIN : 0) | (to_client_.empty() ? 0 : POLLOUT);
  std::array<pollfd, 5> polled{
      reads(output_), reads(error_),
      pollfd{.fd = to_command_.empty() ? -1 : input_.get(), .events = POLLOUT, .revents = 0},
      pollfd{.fd = connection_.socket.get(),
             .events = static_cast<short>(socket_events),
             .revents = 0},
      pollfd{.fd = signals_.get(), .events = POLLIN, .revents = 0}};
  const int timeout = linger_until_ ? MillisecondsUntil(*linger_until_) : -1;
  if (poll(polled.data(), polled.size(), timeout) < 0) return;
  if (polled[0].revents != 0) Forward(output_, FrameType::kOutput);
  if (polled[1].revents != 0) Forward(error_, FrameType::kError);
  if (polled[2].revents != 0) Feed();
  if ((polled[3].revents & POLLOUT) != 0) Flush();
  if ((polled[3].revents & ~POLLOUT) != 0) Receive();
  TakeSignals();
}

void Session::Receive() {
  std::array<char, kChunkBytes> chunk{};
  const ssize_t count = read(connection_.socket.get(), chunk.data(), chunk.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count <= 0) {
    lost_ = true;
    return;
  }
  connection_.reader.Feed({chunk.data(), static_cast<std::size_t>(count)});
  if (command_ < 0) return;
  for (;;) {
    const Result<std::optional<Frame>> frame = connection_.reader.Next();
    if (!frame) lost_ = true;
    if (!frame || !*frame) return;
    Take(**frame);
  }
}

void Session::Take(const Frame& frame) {
  switch (frame.type) {
    case FrameType::kInput:
      if (!input_.valid()) return;  // the command reads no more
      to_command_ += frame.payload;
      return Feed();
    case FrameType::kInputEnd:
      input_ended_ = true;
      return Feed();
    case FrameType::kSignal:
      if (frame.payload.size() == 1 && !status_) kill(-command_, frame.payload[0]);
      return;
    case FrameType::kRun:
    case FrameType::kOutput:
    case FrameType::kError:
    case FrameType::kEnded:
    case FrameType::kRefused:
      lost_ = true;  // not from a client of ours
      return;
  }
}

void Session::Forward(Fd& from, FrameType type) {
  std::array<char, kChunkBytes> chunk{};
  const ssize_t count = read(from.get(), chunk.data(), chunk.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count <= 0) return from.Close();
  connection_.writer.Append(type, {chunk.data(), static_cast<std::size_t>(count)}, to_client_);
}

void Session::Feed() {
  while (!to_command_.empty() && input_.valid()) {
    const ssize_t count = write(input_.get(), to_command_.data(), to_command_.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) {
      input_.Close();
      break;
    }
    to_command_.erase(0, static_cast<std::size_t>(count));
  }
  if (!input_.valid()) to_command_.clear();
  if (input_ended_) input_.Close();
}

void Session::Flush() {
  const ssize_t count =
      send(connection_.socket.get(), to_client_.data(), to_client_.size(), MSG_NOSIGNAL);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count < 0) {
    lost_ = true;
    return;
  }
  to_client_.erase(0, static_cast<std::size_t>(count));
}

void Session::TakeSignals() {
  signalfd_siginfo info{};
  while (read(signals_.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGCHLD) {
      Reap();
    } else if (!status_) {
      kill(-command_, signal);  // the learner is told to stop, and so is all that it runs
    }
  }
}

void Session::Reap() {
  int status = 0;
  pid_t pid = 0;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid != command_) continue;
    status_ = status;
    linger_until_ = Deadline::clock::now() + limits_.linger;
  }
}

void Session::TellEnd() {
  const int exit_code = TerminationOf(*status_).exit_code;
  connection_.writer.Append(FrameType::kEnded, std::string(1, static_cast<char>(exit_code)),
                            to_client_);
}

// Whoever asked for the command is gone, and so must be what it started.
void Session::EndAll() {
  if (command_ < 0) return;
  const Deadline until = Deadline::clock::now() + limits_.patience;
  SignalDescendants(SIGTERM);
  while (waitpid(-1, nullptr, WNOHANG) >= 0) {  // until there is no child left
    pollfd polled{.fd = signals_.get(), .events = POLLIN, .revents = 0};
    poll(&polled, 1, static_cast<int>(kLookAgain.count()));
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof(info)) > 0) {
    }
    if (Deadline::clock::now() >= until) SignalDescendants(SIGKILL);
  }
}

}  // namespace ffdl::agent
