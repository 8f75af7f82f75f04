#include "crds/v1/catalogue_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace ffdl::v1 {
namespace {

constexpr std::size_t kPlainNameMax = 63;
constexpr std::size_t kDomainNameMax = 253;

// Those of <cctype> would ask the locale.
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLowerCase(char c) { return c >= 'a' && c <= 'z'; }
bool IsLetterOrDigit(char c) { return IsLowerCase(c) || (c >= 'A' && c <= 'Z') || IsDigit(c); }

bool IsDomainLabel(std::string_view label) {
  const auto is_part = [](char c) { return IsLowerCase(c) || IsDigit(c) || c == '-'; };
  return !label.empty() && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, is_part);
}

bool IsDomain(std::string_view name) {
  if (name.size() > kDomainNameMax) return false;
  for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
    if (!IsDomainLabel(name.substr(0, dot))) return false;
    name.remove_prefix(dot + 1);
  }
  return IsDomainLabel(name);
}

std::string_view Trimmed(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = line.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace

k8s::Result<void> ForEachLine(
    std::string_view entry, std::string_view text,
    const std::function<std::optional<std::string>(std::string_view line)>& take) {
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    if (const std::optional<std::string> trouble = take(line)) {
      return k8s::Fail(k8s::ErrorCode::kInvalid,
                       fmt::format("line {} of '{}' {}", number, entry, *trouble));
    }
  }
  return {};
}

bool IsPlainName(std::string_view name) {
  const auto is_part = [](char c) {
    return IsLetterOrDigit(c) || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= kPlainNameMax && IsLetterOrDigit(name.front()) &&
         IsLetterOrDigit(name.back()) && std::ranges::all_of(name, is_part);
}

bool IsQualifiedName(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return IsPlainName(name);
  return IsDomain(name.substr(0, slash)) && IsPlainName(name.substr(slash + 1));
}

bool IsLabelValue(std::string_view value) { return value.empty() || IsPlainName(value); }

}  // namespace ffdl::v1
