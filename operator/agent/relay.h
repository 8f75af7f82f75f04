#pragma once

#include <poll.h>

#include <array>
#include <cstddef>
#include <functional>
#include <string_view>

#include "operator/agent/files.h"

namespace ffdl::agent {

// Carries one stream of the program to ours. Never waits: it is driven by poll(), so that signals
// are passed on even while whoever reads our output is slow.
class Relay {
 public:
  // Sees every byte, in order, before it is passed on.
  using Copy = std::function<void(std::string_view bytes)>;

  // `from` must not block; `to` is borrowed.
  Relay(Fd from, int to, Copy copy) : from_(std::move(from)), to_(to), copy_(std::move(copy)) {}

  // What to ask poll() for: room in `to` while something is to be written, else something to read.
  [[nodiscard]] pollfd Interest() const;
  // What poll() said about Interest().
  void Ready(short events);

  [[nodiscard]] bool done() const { return !from_.valid() && begin_ == end_; }
  // From now on, nothing to read at this moment means the end.
  void ExpectEnd() { end_expected_ = true; }

 private:
  void Read();
  void Write();

  static constexpr std::size_t kChunkBytes = 16384;
  // So much fits into a pipe that poll() calls writable, without waiting.
  static constexpr std::size_t kWriteBytesMax = 4096;

  Fd from_;
  int to_;
  Copy copy_;
  bool end_expected_ = false;
  std::array<char, kChunkBytes> chunk_{};
  std::size_t begin_ = 0;  // of what is still to be written
  std::size_t end_ = 0;
};

}  // namespace ffdl::agent
