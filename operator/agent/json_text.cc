#include "operator/agent/json_text.h"

#include <algorithm>
#include <array>

namespace ffdl::agent {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::size_t kEscapedBytesMax = 6;  // \u001b

unsigned char At(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes[index]);
}

bool IsContinuation(std::string_view bytes, std::size_t index) {
  return index < bytes.size() && (At(bytes, index) & 0xC0U) == 0x80U;
}

// Length of the well-formed character that `bytes` begins with; 0 if it does not begin with one.
std::size_t CharacterBytes(std::string_view bytes) {
  const unsigned char first = At(bytes, 0);
  if (first < 0x80) return 1;
  const unsigned char second = bytes.size() > 1 ? At(bytes, 1) : 0;
  if (first >= 0xC2 && first <= 0xDF) return IsContinuation(bytes, 1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second > 0x9F;
    return IsContinuation(bytes, 1) && IsContinuation(bytes, 2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && second < 0x90;
    const bool too_large = first == 0xF4 && second > 0x8F;
    return IsContinuation(bytes, 1) && IsContinuation(bytes, 2) && IsContinuation(bytes, 3) &&
                   !overlong && !too_large
               ? 4
               : 0;
  }
  return 0;
}

// What stands for one byte below 0x80 inside a JSON string.
std::string_view EscapedAscii(char c, std::array<char, kEscapedBytesMax>& buffer) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(c);
  if (code >= 0x20) {
    buffer[0] = c;
    return {buffer.data(), 1};
  }
  buffer = {'\\', 'u', '0', '0', kHex[code >> 4U], kHex[code & 0xFU]};
  return {buffer.data(), buffer.size()};
}

template <typename Take>
void ForEachPiece(std::string_view bytes, Take take) {
  std::array<char, kEscapedBytesMax> buffer{};
  while (!bytes.empty()) {
    const std::size_t length = CharacterBytes(bytes);
    if (length == 0) {
      take(kReplacement);
    } else if (length == 1) {
      take(EscapedAscii(bytes[0], buffer));
    } else {
      take(bytes.substr(0, length));
    }
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

}  // namespace

void AppendJsonText(std::string& out, std::string_view bytes) {
  ForEachPiece(bytes, [&](std::string_view piece) { out.append(piece); });
}

std::size_t JsonTextBytes(std::string_view bytes) {
  std::size_t size = 0;
  ForEachPiece(bytes, [&](std::string_view piece) { size += piece.size(); });
  return size;
}

std::string_view LastJsonText(std::string_view bytes, std::size_t bytes_max) {
  if (bytes.size() > bytes_max) bytes.remove_prefix(bytes.size() - bytes_max);
  while (!bytes.empty()) {
    // The rest of a character that was cut; more of them than that belong to none.
    for (int i = 0; i < 3 && IsContinuation(bytes, 0); ++i) bytes.remove_prefix(1);
    if (bytes.empty()) break;
    const std::size_t size = JsonTextBytes(bytes);
    if (size <= bytes_max) break;
    // No byte gives more than kEscapedBytesMax, so this many must go at least.
    const std::size_t excess = (size - bytes_max + kEscapedBytesMax - 1) / kEscapedBytesMax;
    bytes.remove_prefix(std::min(bytes.size(), excess));
  }
  return bytes;
}

}  // namespace ffdl::agent
