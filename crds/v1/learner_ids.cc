#include "crds/v1/learner_ids.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <optional>

namespace ffdl::v1 {
namespace {

constexpr std::int32_t kLearnersMax = 1000;  // of spec.learners, and of all roles together

// Takes a LEARNER_ID off the front.
std::optional<std::int32_t> TakeId(std::string_view& text) {
  std::int32_t id = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (fault != std::errc() || id < 1 || id > kLearnersMax) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return id;
}

bool Take(char c, std::string_view& text) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string LearnerIdsText(const std::vector<std::int32_t>& ids) {
  std::string text;
  for (std::size_t first = 0; first < ids.size();) {
    std::size_t last = first;
    while (last + 1 < ids.size() && ids[last + 1] == ids[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text +=
        last == first ? fmt::format("{}", ids[first]) : fmt::format("{}-{}", ids[first], ids[last]);
    first = last + 1;
  }
  return text;
}

std::vector<std::int32_t> ParseLearnerIds(std::string_view text) {
  std::vector<std::int32_t> ids;
  do {
    const std::optional<std::int32_t> first = TakeId(text);
    if (!first || (!ids.empty() && *first <= ids.back())) break;
    const std::optional<std::int32_t> last = Take('-', text) ? TakeId(text) : first;
    if (!last) break;
    for (std::int32_t id = *first; id <= *last; ++id) ids.push_back(id);
  } while (Take(',', text));
  return ids;
}

}  // namespace ffdl::v1
