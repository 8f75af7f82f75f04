#include "k8s-client/meta/resource_version.h"

#include <algorithm>

namespace ffdl::k8s {
namespace {

bool IsNumber(std::string_view text) {
  return text.empty() || std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::partial_ordering CompareResourceVersions(std::string_view a, std::string_view b) {
  if (a == b) return std::partial_ordering::equivalent;
  if (!IsNumber(a) || !IsNumber(b)) return std::partial_ordering::unordered;
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

}  // namespace ffdl::k8s
