#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace ffdl::k8s {

// The text of a Warning header ('299 - "text"', RFC 7234, section 5.5), with which an API server
// says that a field is unknown or a version deprecated. Empty for other codes and for what does not
// follow the form.
[[nodiscard]] std::optional<std::string> ReadWarning(std::string_view value);

// Tells a new warning from one that was seen before: servers repeat them with every request. Keeps
// at most kTextsMax of at most kTextBytesMax; more than that are all old.
class Warnings {
 public:
  static constexpr std::size_t kTextsMax = 200;
  static constexpr std::size_t kTextBytesMax = 1024;

  // True the first time.
  [[nodiscard]] bool IsNew(const std::string& text);

 private:
  std::set<std::string> texts_;
};

}  // namespace ffdl::k8s
