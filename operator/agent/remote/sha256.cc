#include "operator/agent/remote/sha256.h"

#include <algorithm>
#include <bit>
#include <string>

namespace ffdl::agent {
namespace {

constexpr std::array<std::uint32_t, 64> kRounds{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t WordAt(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U |
         std::uint32_t{bytes[2]} << 8U | std::uint32_t{bytes[3]};
}

std::uint32_t SmallSigma(std::uint32_t x, int first, int second, unsigned shift) {
  return std::rotr(x, first) ^ std::rotr(x, second) ^ (x >> shift);
}

std::uint32_t BigSigma(std::uint32_t x, int first, int second, int third) {
  return std::rotr(x, first) ^ std::rotr(x, second) ^ std::rotr(x, third);
}

std::array<std::uint32_t, 64> Schedule(const std::uint8_t* block) {
  std::array<std::uint32_t, 64> words{};
  for (std::size_t i = 0; i < 16; ++i) words[i] = WordAt(block + 4 * i);
  for (std::size_t i = 16; i < words.size(); ++i) {
    words[i] = words[i - 16] + SmallSigma(words[i - 15], 7, 18, 3) + words[i - 7] +
               SmallSigma(words[i - 2], 17, 19, 10);
  }
  return words;
}

}  // namespace

void Sha256::Take(const std::uint8_t* block) {
  const std::array<std::uint32_t, 64> words = Schedule(block);
  auto [a, b, c, d, e, f, g, h] = state_;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::uint32_t choice = (e & f) ^ (~e & g);
    const std::uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
    const std::uint32_t first = h + BigSigma(e, 6, 11, 25) + choice + kRounds[i] + words[i];
    const std::uint32_t second = BigSigma(a, 2, 13, 22) + majority;
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  const std::array<std::uint32_t, 8> added{a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < added.size(); ++i) state_[i] += added[i];
}

void Sha256::Update(std::string_view bytes) {
  total_ += bytes.size();
  while (!bytes.empty()) {
    const std::size_t taken = std::min(kBlockBytes - filled_, bytes.size());
    std::copy_n(bytes.begin(), taken, block_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += taken;
    bytes.remove_prefix(taken);
    if (filled_ < kBlockBytes) return;
    Take(block_.data());
    filled_ = 0;
  }
}

Digest Sha256::Finish() {
  const std::uint64_t bits = total_ * 8;
  std::string padding(1, '\x80');
  const std::size_t used = (filled_ + 1) % kBlockBytes;
  padding.append((kBlockBytes + kBlockBytes - 8 - used) % kBlockBytes, '\0');
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    padding += static_cast<char>(bits >> (shift - 8U) & 0xffU);
  }
  Update(padding);
  Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24U - 8U * (i % 4)));
  }
  return digest;
}

Digest HmacSha256(std::string_view key, std::string_view message) {
  constexpr std::size_t kBlock = 64;
  std::string padded(key);
  if (padded.size() > kBlock) {
    Sha256 hash;
    hash.Update(key);
    padded = AsText(hash.Finish());
  }
  padded.resize(kBlock);
  std::string outer = padded;
  for (char& c : padded) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
  Sha256 inner;
  inner.Update(padded);
  inner.Update(message);
  const Digest digest = inner.Finish();
  Sha256 hash;
  hash.Update(outer);
  hash.Update(AsText(digest));
  return hash.Finish();
}

bool IsSame(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned differences = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    differences |= static_cast<unsigned>(static_cast<unsigned char>(a[i] ^ b[i]));
  }
  return differences == 0;
}

std::string_view AsText(const Digest& digest) {
  // Bytes are bytes: char may alias them.
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace ffdl::agent
