#include "k8s-client/meta/interner.h"

namespace ffdl::k8s {

std::optional<std::uint32_t> Interner::NumberOf(std::string_view word) {
  const auto known = numbers_.find(word);
  if (known != numbers_.end()) return known->second;
  if (words_.size() >= kWordsMax || word.size() > kWordBytesMax) return std::nullopt;
  const auto number = static_cast<std::uint32_t>(words_.size());
  numbers_.emplace(words_.emplace_back(word), number);
  return number;
}

}  // namespace ffdl::k8s
