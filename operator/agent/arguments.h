#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace ffdl::agent {

// Arguments of a command line, taken one by one.
class Arguments {
 public:
  explicit Arguments(std::span<char* const> arguments) : rest_(arguments) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  // Only when not empty.
  std::string_view Take() {
    const std::string_view first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  // The value of `flag`, if `argument` is "FLAG=value" or "FLAG" with another argument behind it.
  std::optional<std::string_view> ValueOf(std::string_view flag, std::string_view argument) {
    if (!argument.starts_with(flag)) return std::nullopt;
    const std::string_view after = argument.substr(flag.size());
    if (after.starts_with("=")) return after.substr(1);
    if (!after.empty() || empty()) return std::nullopt;
    return Take();
  }
  [[nodiscard]] std::span<char* const> rest() const { return rest_; }

 private:
  std::span<char* const> rest_;
};

}  // namespace ffdl::agent
