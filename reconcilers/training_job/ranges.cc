#include "reconcilers/training_job/ranges.h"

#include <fmt/format.h>

#include <string_view>

namespace ffdl::training_job {
namespace {

constexpr std::string_view kCut = ",...";

}  // namespace

void Ranges::Add(std::int32_t number) {
  ++count_;
  if (count_ > 1 && number == last_ + 1) {
    last_ = number;
    return;
  }
  if (count_ > 1) Append(text_, first_, last_, bytes_max_);
  first_ = last_ = number;
}

std::string Ranges::Text() const {
  std::string text = text_;
  if (count_ > 0) Append(text, first_, last_, bytes_max_);
  return text;
}

// Room for the mark is kept at all times, because more ranges may follow.
void Ranges::Append(std::string& text, std::int32_t first, std::int32_t last,
                    std::size_t bytes_max) {
  if (text.ends_with(kCut)) return;
  const std::string range =
      first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
  const std::string_view comma = text.empty() ? "" : ",";
  if (text.size() + comma.size() + range.size() + kCut.size() > bytes_max) {
    text += kCut;
  } else {
    text.append(comma).append(range);
  }
}

}  // namespace ffdl::training_job
