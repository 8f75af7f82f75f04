// What the writer and the reader of compact values agree on. Private to them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ffdl::k8s::compact {

// Numbers: seven bits a byte, lowest first, the top bit says that more follow.
inline constexpr std::uint64_t kMore = 0x80;
inline constexpr unsigned kBitsPerByte = 7;

// A text begins with a number: the form in its two lowest bits, above them the length of the text,
// or for kWord the number of the word.
enum class TextForm : std::uint8_t {
  kInline,   // the text follows
  kPointer,  // its offset in the buffer follows
  kWord,     // nothing follows
};
inline constexpr unsigned kFormBits = 2;

constexpr std::uint64_t Tag(TextForm form, std::uint64_t number) {
  return (number << kFormBits) | static_cast<std::uint64_t>(form);
}

inline constexpr std::size_t kUuidBytes = 16;
inline constexpr std::size_t kUuidTextBytes = 36;
// "8f2e6a30-0d5c-4f0e-9a51-0c7f9f1b2d3e"
constexpr bool IsDash(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

}  // namespace ffdl::k8s::compact
