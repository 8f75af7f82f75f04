#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace ffdl::training_job {

// Names of which a message tells the first few.
class Few {
 public:
  void Add(std::string_view name) {
    if (++found_ > kNamedMax) return;
    if (!named_.empty()) named_ += ", ";
    named_ += fmt::format("'{}'", name);
  }
  // "'a', 'b' and 4 more"; "" for none.
  [[nodiscard]] std::string Text() const {
    if (found_ <= kNamedMax) return named_;
    return fmt::format("{} and {} more", named_, found_ - kNamedMax);
  }

 private:
  static constexpr std::size_t kNamedMax = 8;

  std::string named_;
  std::size_t found_ = 0;
};

}  // namespace ffdl::training_job
