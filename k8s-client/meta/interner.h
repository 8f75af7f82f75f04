#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ffdl::k8s {

// Numbers for words that come again and again: label keys, node names, reasons. Words are never
// forgotten, so their number has a limit: whoever can write labels could invent words without end.
// One thread writes; others may read what was interned before (with a lock of the owner's between).
class Interner {
 public:
  static constexpr std::size_t kWordsMax = 4096;
  static constexpr std::size_t kWordBytesMax = 64;

  // The number of the word; nothing for one that is too long or beyond the limit.
  [[nodiscard]] std::optional<std::uint32_t> NumberOf(std::string_view word);

  // `number` is one that NumberOf gave. Valid as long as the interner.
  [[nodiscard]] std::string_view WordOf(std::uint32_t number) const { return words_[number]; }

  [[nodiscard]] std::size_t size() const { return words_.size(); }

 private:
  std::deque<std::string> words_;  // a deque, because the keys of `numbers_` point into it
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

}  // namespace ffdl::k8s
