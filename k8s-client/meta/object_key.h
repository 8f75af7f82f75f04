#pragma once

#include <compare>
#include <functional>
#include <string>

namespace ffdl::k8s {

// Names one object of a kind. `ns` is empty for kinds without namespace.
struct ObjectKey {
  std::string ns;
  std::string name;

  // NOLINTNEXTLINE(modernize-use-nullptr): the 0 of a comparison that nobody wrote
  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
  friend bool operator==(const ObjectKey&, const ObjectKey&) = default;
};

// "ml/bert", or "gpu-a-07" without namespace: the form of logs and messages.
[[nodiscard]] inline std::string ToString(const ObjectKey& key) {
  return key.ns.empty() ? key.name : key.ns + "/" + key.name;
}

}  // namespace ffdl::k8s

template <>
struct std::hash<ffdl::k8s::ObjectKey> {
  std::size_t operator()(const ffdl::k8s::ObjectKey& key) const noexcept {
    const std::size_t ns = std::hash<std::string>{}(key.ns);
    return std::hash<std::string>{}(key.name) ^ (ns * 0x9E3779B97F4A7C15ULL);
  }
};
