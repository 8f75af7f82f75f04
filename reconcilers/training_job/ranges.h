#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace ffdl::training_job {

// Numbers that come in rising order, as "1-37,39". What would be longer than `bytes_max` is cut
// behind a comma and marked.
class Ranges {
 public:
  explicit Ranges(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  void Add(std::int32_t number);
  [[nodiscard]] std::int32_t count() const { return count_; }
  [[nodiscard]] std::string Text() const;

 private:
  static void Append(std::string& text, std::int32_t first, std::int32_t last,
                     std::size_t bytes_max);

  std::size_t bytes_max_;
  std::int32_t count_ = 0;
  std::int32_t first_ = 0;  // of the range that may still grow
  std::int32_t last_ = 0;
  std::string text_;  // the ranges before it
};

}  // namespace ffdl::training_job
