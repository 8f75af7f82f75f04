#include "k8s-client/meta/label_selector.h"

namespace ffdl::k8s {
namespace {

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

bool IsMet(std::string_view requirement, const Labels& labels) {
  if (requirement.find_first_of(" ()") != std::string_view::npos) return false;  // a set
  if (requirement.starts_with('!')) return !labels.contains(requirement.substr(1));
  const std::size_t equals = requirement.find('=');
  if (equals == std::string_view::npos) return labels.contains(requirement);
  const bool negated = equals > 0 && requirement[equals - 1] == '!';
  const auto it = labels.find(Trim(requirement.substr(0, equals - (negated ? 1 : 0))));
  std::string_view value = requirement.substr(equals + 1);
  if (value.starts_with('=')) value.remove_prefix(1);
  return (it != labels.end() && it->second == value) != negated;
}

}  // namespace

bool Selects(std::string_view selector, const Labels& labels) {
  while (!selector.empty()) {
    const std::size_t comma = selector.find(',');
    if (!IsMet(Trim(selector.substr(0, comma)), labels)) return false;
    if (comma == std::string_view::npos) break;
    selector.remove_prefix(comma + 1);
  }
  return true;
}

}  // namespace ffdl::k8s
