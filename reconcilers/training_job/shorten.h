#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ffdl::training_job {

inline constexpr std::size_t kMessageBytesMax = 1024;  // of a condition and of an event's note

// Cuts at the end, never inside a UTF-8 character, and marks the cut.
[[nodiscard]] inline std::string Shorten(std::string text,
                                         std::size_t bytes_max = kMessageBytesMax) {
  constexpr std::string_view kMark = "...";
  if (text.size() <= bytes_max) return text;
  std::size_t keep = bytes_max - kMark.size();
  while (keep > 0 && (static_cast<unsigned char>(text[keep]) & 0xC0U) == 0x80U) --keep;
  text.resize(keep);
  return text.append(kMark);
}

}  // namespace ffdl::training_job
