#include "k8s-client/meta/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace ffdl::k8s {
namespace {

using nlohmann::json;

void Append(std::string& out, const json& value);

void AppendSlowly(std::string& out, const json& value) {
  out += value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Whether it stands in a JSON string as it is.
bool IsPlain(char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; }

void AppendString(std::string& out, const std::string& text) {
  if (!std::ranges::all_of(text, &IsPlain)) return AppendSlowly(out, text);
  out.append(1, '"').append(text).append(1, '"');
}

template <typename Number>
void AppendNumber(std::string& out, Number number) {
  std::array<char, std::numeric_limits<Number>::digits10 + 2> digits{};  // and a sign
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), written.ptr);
}

void AppendObject(std::string& out, const json::object_t& object) {
  out += '{';
  for (const auto& [key, value] : object) {
    if (out.back() != '{') out += ',';
    AppendString(out, key);
    out += ':';
    Append(out, value);
  }
  out += '}';
}

void AppendArray(std::string& out, const json::array_t& array) {
  out += '[';
  for (const json& value : array) {
    if (out.back() != '[') out += ',';
    Append(out, value);
  }
  out += ']';
}

void Append(std::string& out, const json& value) {
  switch (value.type()) {
    case json::value_t::object:
      return AppendObject(out, value.get_ref<const json::object_t&>());
    case json::value_t::array:
      return AppendArray(out, value.get_ref<const json::array_t&>());
    case json::value_t::string:
      return AppendString(out, value.get_ref<const json::string_t&>());
    case json::value_t::number_integer:
      return AppendNumber(out, value.get<json::number_integer_t>());
    case json::value_t::number_unsigned:
      return AppendNumber(out, value.get<json::number_unsigned_t>());
    case json::value_t::null:
    case json::value_t::boolean:
    case json::value_t::number_float:
    case json::value_t::binary:
    case json::value_t::discarded:
      return AppendSlowly(out, value);
  }
}

}  // namespace

std::string JsonText(const json& value) {
  std::string text;
  Append(text, value);
  return text;
}

}  // namespace ffdl::k8s
