#include "test/e2e/harness/json.h"

namespace ffdl::e2e {

Json At(const Json& object, const std::string& pointer) {
  const Json::json_pointer path(pointer);
  return object.contains(path) ? object.at(path) : Json();
}

std::string TextAt(const Json& object, const std::string& pointer) {
  const Json value = At(object, pointer);
  if (value.is_null()) return {};
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::int64_t NumberAt(const Json& object, const std::string& pointer) {
  const Json value = At(object, pointer);
  return value.is_number() ? value.get<std::int64_t>() : 0;
}

Json ConditionOf(const Json& object, std::string_view type) {
  for (const Json& condition : At(object, "/status/conditions")) {
    if (TextAt(condition, "/type") == type) return condition;
  }
  return {};
}

}  // namespace ffdl::e2e
