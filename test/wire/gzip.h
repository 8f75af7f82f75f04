// gzip as a server may send it, without a library: RFC 1952 around stored blocks of RFC 1951.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ffdl::test {

inline void AppendLittleEndian(std::string& bytes, std::uint32_t number, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(number >> (8U * i) & 0xFFU);
}

[[nodiscard]] inline std::uint32_t Crc32(std::string_view text) {
  constexpr std::uint32_t kPolynomial = 0xEDB88320U;
  std::uint32_t crc = ~0U;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kPolynomial : 0);
  }
  return ~crc;
}

// One member; several in a row are one gzip text. At most 65535 bytes fit.
[[nodiscard]] inline std::string GzipMember(std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::string member("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10);
  member += '\x01';  // the last block, stored
  AppendLittleEndian(member, size, 2);
  AppendLittleEndian(member, ~size, 2);
  member += text;
  AppendLittleEndian(member, Crc32(text), 4);
  AppendLittleEndian(member, size, 4);
  return member;
}

}  // namespace ffdl::test
