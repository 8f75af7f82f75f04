#include "operator/agent/template.h"

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

std::string WithLists(std::string_view text, std::string_view begin, int first, int learners) {
  std::string filled;
  for (;;) {
    const std::size_t start = text.find(begin);
    const std::size_t end = text.find(kEnd, start);
    if (start == std::string_view::npos || end == std::string_view::npos)
      return filled.append(text);
    const std::size_t item = start + begin.size();
    filled.append(text.substr(0, start))
        .append(List(text.substr(item, end - item), first, learners));
    text.remove_prefix(end + kEnd.size());
  }
}

}  // namespace

std::string FillTemplate(std::string_view text, int rank, int learners) {
  const std::string ranked = Replaced(text, "{rank}", std::to_string(rank));
  return WithLists(WithLists(ranked, "{each}", 0, learners), "{others}", 1, learners);
}

}  // namespace ffdl::agent
