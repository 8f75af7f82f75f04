#include "k8s-client/meta/managed_fields.h"

#include <cstddef>
#include <optional>

namespace ffdl::k8s {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// Behind the string whose opening quote is at `at`; kNone when it has no end.
std::size_t AfterString(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return kNone;
}

// By how much deeper the text is behind `c`, outside of strings.
int Deeper(char c) {
  if (c == '[' || c == '{') return 1;
  return c == ']' || c == '}' ? -1 : 0;
}

// Behind the list whose opening bracket is at `at`; kNone when it has no end.
std::size_t AfterList(std::string_view text, std::size_t at) {
  for (int depth = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = AfterString(text, at);
      continue;
    }
    depth += Deeper(c);
    ++at;
    if (depth == 0) return at;
  }
  return kNone;
}

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The list that is the value of the name that ends before `at`.
std::optional<Span> ListAt(std::string_view text, std::size_t at) {
  constexpr std::string_view kSpace = " \t\r\n";
  at = text.find_first_not_of(kSpace, at);
  if (at == kNone || text[at] != ':') return std::nullopt;
  at = text.find_first_not_of(kSpace, at + 1);
  if (at == kNone || text[at] != '[') return std::nullopt;
  const std::size_t end = AfterList(text, at);
  return end == kNone ? std::nullopt : std::optional<Span>({.begin = at, .end = end});
}

std::optional<Span> FindManagedFields(std::string_view text) {
  int depth = 0;
  std::string_view top;  // the last word at the first level, a name at its value
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '"') {
      const int deeper = Deeper(text[at++]);
      depth += deeper;
      if (deeper < 0 && depth == 1 && top == "metadata") return std::nullopt;
      continue;
    }
    const std::size_t end = AfterString(text, at);
    if (end == kNone) return std::nullopt;
    const std::string_view word = text.substr(at + 1, end - at - 2);
    if (depth == 1) top = word;
    if (depth == 2 && top == "metadata" && word == "managedFields") {
      if (const auto found = ListAt(text, end)) return found;
    }
    at = end;
  }
  return std::nullopt;
}

}  // namespace

std::string WithoutManagedFields(std::string_view object) {
  const std::optional<Span> found = FindManagedFields(object);
  if (!found) return std::string(object);
  std::string rest;
  rest.reserve(object.size() - (found->end - found->begin) + 2);
  rest.append(object.substr(0, found->begin)).append("[]").append(object.substr(found->end));
  return rest;
}

}  // namespace ffdl::k8s
