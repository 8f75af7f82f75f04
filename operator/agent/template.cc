#include "operator/agent/template.h"

#include <charconv>
#include <optional>
#include <system_error>

namespace ffdl::agent {
namespace {

constexpr std::string_view kEnd = "{end}";

std::string Replaced(std::string_view text, std::string_view word, std::string_view by) {
  std::string filled;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word)) {
    filled.append(text.substr(0, at)).append(by);
    text.remove_prefix(at + word.size());
  }
  return filled.append(text);
}

std::string List(std::string_view item, int first, int learners) {
  std::string list;
  for (int i = first; i < learners; ++i) {
    if (i > first) list += ',';
    list += Replaced(item, "{i}", std::to_string(i));
  }
  return list;
}

// The N of "{each N}", whose "{each" is cut off; `otherwise` without one, nothing for other words.
// Cuts off what it reads.
std::optional<int> CountIn(std::string_view& text, int otherwise) {
  const std::size_t close = text.find('}');
  if (close == std::string_view::npos) return std::nullopt;
  int count = otherwise;
  if (close > 0) {
    const char* const last = text.data() + close;
    const auto [end, error] = std::from_chars(text.data() + 1, last, count);
    if (text.front() != ' ' || error != std::errc{} || end != last) return std::nullopt;
  }
  text.remove_prefix(close + 1);
  return count;
}

// Fills in the lists that begin with `word`, "{each" or "{others", from `first` on.
std::string WithLists(std::string_view text, std::string_view word, int first, int learners) {
  std::string filled;
  for (;;) {
    const std::size_t start = text.find(word);
    const std::size_t end = text.find(kEnd, start);
    if (start == std::string_view::npos || end == std::string_view::npos)
      return filled.append(text);
    std::string_view item = text.substr(start + word.size(), end - start - word.size());
    if (const std::optional<int> count = CountIn(item, learners)) {
      filled.append(text.substr(0, start)).append(List(item, first, *count));
    } else {
      filled.append(text.substr(0, end + kEnd.size()));
    }
    text.remove_prefix(end + kEnd.size());
  }
}

}  // namespace

std::string FillTemplate(std::string_view text, const Place& place) {
  std::string filled = Replaced(text, "{rank}", std::to_string(place.rank));
  filled = Replaced(filled, "{role_rank}", std::to_string(place.role_rank));
  filled = Replaced(filled, "{is_first}", place.rank == 0 ? "true" : "false");
  filled = WithLists(filled, "{each", 0, place.learners);
  return WithLists(filled, "{others", 1, place.learners);
}

}  // namespace ffdl::agent
