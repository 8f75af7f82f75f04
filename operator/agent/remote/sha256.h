// SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104). Our own, because ffdl-launch is static, small
// and without a library of cryptography; the published vectors are its tests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ffdl::agent {

using Digest = std::array<std::uint8_t, 32>;

class Sha256 {
 public:
  void Update(std::string_view bytes);
  // Of all bytes so far. The last call.
  [[nodiscard]] Digest Finish();

 private:
  static constexpr std::size_t kBlockBytes = 64;
  void Take(const std::uint8_t* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, kBlockBytes> block_{};
  std::size_t filled_ = 0;
  std::uint64_t total_ = 0;
};

[[nodiscard]] Digest HmacSha256(std::string_view key, std::string_view message);

// In a time that does not tell where they differ.
[[nodiscard]] bool IsSame(std::string_view a, std::string_view b);

[[nodiscard]] std::string_view AsText(const Digest& digest);

}  // namespace ffdl::agent
