#include "test/fuzz/strict_json.h"

#include <set>
#include <vector>

namespace ffdl::fuzz {

using nlohmann::json;

std::optional<json> StrictJson(std::string_view text) {
  std::vector<std::set<std::string>> keys;
  bool twice = false;
  const auto look = [&](int /*depth*/, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key) {
      twice = twice || !keys.back().insert(parsed.get<std::string>()).second;
    }
    return true;
  };
  json document = json::parse(text, look, /*allow_exceptions=*/false);
  if (document.is_discarded() || twice) return std::nullopt;
  return document;
}

std::string TextAt(const json& document, const char* pointer) {
  const json::json_pointer at(pointer);
  return document.contains(at) && document[at].is_string() ? document[at].get<std::string>() : "";
}

std::int64_t NumberAt(const json& document, const char* pointer) {
  const json::json_pointer at(pointer);
  return document.contains(at) && document[at].is_number_integer()
             ? document[at].get<std::int64_t>()
             : 0;
}

}  // namespace ffdl::fuzz
