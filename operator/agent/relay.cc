#include "operator/agent/relay.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace ffdl::agent {

pollfd Relay::Interest() const {
  if (begin_ < end_) return {.fd = to_, .events = POLLOUT, .revents = 0};
  return {.fd = from_.get(), .events = POLLIN, .revents = 0};  // poll() passes over a negative one
}

void Relay::Ready(short events) {
  if (begin_ < end_) {
    if (events != 0) Write();
  } else if (from_.valid() && (events != 0 || end_expected_)) {
    Read();
  }
}

void Relay::Read() {
  const ssize_t count = read(from_.get(), chunk_.data(), chunk_.size());
  if (count < 0 && (errno == EINTR || (errno == EAGAIN && !end_expected_))) return;
  if (count <= 0) return from_.Close();
  begin_ = 0;
  end_ = static_cast<std::size_t>(count);
  copy_({chunk_.data(), end_});
  if (to_ < 0) begin_ = end_;
}

void Relay::Write() {
  const ssize_t count = write(to_, chunk_.data() + begin_, std::min(end_ - begin_, kWriteBytesMax));
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count < 0) {
    // Nobody reads our output any more; the program goes on, and so does its log.
    to_ = -1;
    begin_ = end_;
    return;
  }
  begin_ += static_cast<std::size_t>(count);
}

}  // namespace ffdl::agent
