#include "k8s-client/net/warnings.h"

namespace ffdl::k8s {

std::optional<std::string> ReadWarning(std::string_view value) {
  constexpr std::string_view kCode = "299 ";
  if (!value.starts_with(kCode)) return std::nullopt;
  value.remove_prefix(kCode.size());
  const std::size_t quote = value.find(" \"");  // after the agent, which is "-"
  if (quote == std::string_view::npos) return std::nullopt;
  value.remove_prefix(quote + 2);
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '"') return text.substr(0, Warnings::kTextBytesMax);
    if (value[i] == '\\' && ++i == value.size()) break;
    const auto byte = static_cast<unsigned char>(value[i]);
    text += byte < 0x20 || byte == 0x7F ? ' ' : value[i];
  }
  return std::nullopt;
}

bool Warnings::IsNew(const std::string& text) {
  return texts_.size() < kTextsMax && texts_.insert(text).second;
}

}  // namespace ffdl::k8s
