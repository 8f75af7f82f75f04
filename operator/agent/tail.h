#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "operator/agent/termination.h"

namespace ffdl::agent {

// Remembers the end of a stream of any length.
class Tail {
 public:
  void Append(std::string_view bytes) {
    if (bytes.size() > kBytes) bytes.remove_prefix(bytes.size() - kBytes);
    for (const char c : bytes) {
      ring_[total_ % kBytes] = c;
      ++total_;
    }
  }

  // Begins with the beginning of a line, unless there is only one line and it is longer than this.
  [[nodiscard]] std::string Text() const {
    if (total_ <= kBytes) return {ring_.data(), total_};
    const std::size_t start = total_ % kBytes;
    std::string text(ring_.data() + start, kBytes - start);
    text.append(ring_.data(), start);
    const std::size_t newline = text.substr(0, text.size() - 1).find('\n');
    return newline == std::string::npos ? text : text.substr(newline + 1);
  }

 private:
  // JSON never makes text shorter, so no more could be told.
  static constexpr std::size_t kBytes = kTerminationBytesMax;

  std::array<char, kBytes> ring_{};
  std::size_t total_ = 0;
};

}  // namespace ffdl::agent
