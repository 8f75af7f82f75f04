#include "crds/v1/field_reader.h"

#include <fmt/format.h>

namespace ffdl::v1 {
namespace {

using nlohmann::json;
using simdjson::dom::element;
using simdjson::dom::element_type;

// The words of JSON, for people.
std::string_view TypeName(element value) {
  switch (value.type()) {
    case element_type::ARRAY:
      return "array";
    case element_type::OBJECT:
      return "object";
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      return "number";
    case element_type::STRING:
      return "string";
    case element_type::BOOL:
      return "boolean";
    case element_type::NULL_VALUE:
      return "null";
  }
  return "";
}

json ToJson(element value) {
  switch (value.type()) {
    case element_type::ARRAY: {
      json list = json::array();
      for (const element item : simdjson::dom::array(value)) list.push_back(ToJson(item));
      return list;
    }
    case element_type::OBJECT: {
      json object = json::object();
      for (const auto& [key, inner] : simdjson::dom::object(value)) {
        object.emplace(key, ToJson(inner));
      }
      return object;
    }
    case element_type::INT64:
      return std::int64_t(value);
    case element_type::UINT64:
      return std::uint64_t(value);
    case element_type::DOUBLE:
      return double(value);
    case element_type::STRING:
      return std::string_view(value);
    case element_type::BOOL:
      return bool(value);
    case element_type::NULL_VALUE:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

void FieldReader::Read(std::string_view name, std::string& target) {
  if (const auto text = FindString(name)) target = *text;
}

void FieldReader::Read(std::string_view name, std::optional<std::string>& target) {
  if (const auto text = FindString(name)) target = *text;
}

void FieldReader::Read(std::string_view name, std::int32_t& target) {
  std::int64_t wide = target;
  if (const auto value = Find(name)) ReadInteger(name, std::nullopt, *value, kInt32, wide);
  target = static_cast<std::int32_t>(wide);
}

void FieldReader::Read(std::string_view name, std::int64_t& target) {
  if (const auto value = Find(name)) ReadInteger(name, std::nullopt, *value, kInt64, target);
}

void FieldReader::Read(std::string_view name, std::optional<std::int64_t>& target) {
  std::int64_t number = 0;
  const auto value = Find(name);
  if (!value) return;
  ReadInteger(name, std::nullopt, *value, kInt64, number);
  target = number;
}

void FieldReader::Read(std::string_view name, bool& target) {
  const std::optional<Element> value = Find(name);
  if (!value) return;
  if (!value->is_bool()) return Refuse(PathOf(name), "a boolean", *value);
  target = bool(*value);
}

void FieldReader::Read(std::string_view name, k8s::Time& target) {
  std::optional<k8s::Time> time;
  Read(name, time);
  if (time) target = *time;
}

void FieldReader::Read(std::string_view name, std::optional<k8s::Time>& target) {
  const std::optional<Element> value = Find(name);
  const std::optional<std::string_view> text = FindString(name);
  if (!text) return;
  const std::optional<k8s::Time> time = k8s::ParseTime(*text);
  if (!time) return Refuse(PathOf(name), "a time as of RFC 3339", *value);
  target = time;
}

void FieldReader::Read(std::string_view name, std::vector<std::string>& target) {
  const std::optional<Element> list = Find(name);
  if (!list) return;
  if (!list->is_array()) return Refuse(PathOf(name), "a list", *list);
  target.clear();
  for (const Element item : simdjson::dom::array(*list)) {
    if (!item.is_string()) {
      return Refuse(fmt::format("{}[{}]", PathOf(name), target.size()), "a string", item);
    }
    target.emplace_back(std::string_view(item));
  }
}

void FieldReader::Read(std::string_view name, std::vector<std::int32_t>& target) {
  const std::optional<Element> list = Find(name);
  if (!list) return;
  if (!list->is_array()) return Refuse(PathOf(name), "a list", *list);
  target.clear();
  for (const Element item : simdjson::dom::array(*list)) {
    std::int64_t number = 0;
    ReadInteger(name, target.size(), item, kInt32, number);
    target.push_back(static_cast<std::int32_t>(number));
  }
}

void FieldReader::Read(std::string_view name, k8s::Labels& target) {
  const std::optional<Element> map = Find(name);
  if (!map) return;
  if (!map->is_object()) return Refuse(PathOf(name), "an object", *map);
  target.clear();
  for (const auto& [key, value] : simdjson::dom::object(*map)) {
    if (!value.is_string()) {
      return Refuse(fmt::format("{}[{}]", PathOf(name), key), "a string", value);
    }
    target.insert_or_assign(std::string(key), std::string(std::string_view(value)));
  }
}

void FieldReader::ReadQuantity(std::string_view name, std::string& target) {
  const std::optional<Element> value = Find(name);
  if (!value) return;
  if (value->is_string()) {
    target = std::string_view(*value);
  } else if (value->is_int64()) {
    target = std::to_string(std::int64_t(*value));
  } else if (value->is_uint64()) {
    target = std::to_string(std::uint64_t(*value));
  } else {
    Refuse(PathOf(name), "a quantity (a string or an integer)", *value);
  }
}

void FieldReader::ReadAsIs(std::string_view name, json& target) {
  const std::optional<Element> value = Find(name);
  if (!value) return;
  if (target.is_array() ? !value->is_array() : !value->is_object()) {
    return Refuse(PathOf(name), target.is_array() ? "a list" : "an object", *value);
  }
  target = ToJson(*value);
}

std::optional<FieldReader> FieldReader::Enter(std::string_view name) {
  const std::optional<Element> value = Find(name);
  if (!value) return std::nullopt;
  if (!value->is_object()) {
    Refuse(PathOf(name), "an object", *value);
    return std::nullopt;
  }
  return FieldReader(simdjson::dom::object(*value), *this, name, std::nullopt);
}

void FieldReader::ForEach(std::string_view name, const std::function<void(FieldReader&)>& visit) {
  const std::optional<Element> list = Find(name);
  if (!list) return;
  if (!list->is_array()) return Refuse(PathOf(name), "a list", *list);
  std::size_t index = 0;
  for (const Element item : simdjson::dom::array(*list)) {
    if (!item.is_object()) {
      return Refuse(fmt::format("{}[{}]", PathOf(name), index), "an object", item);
    }
    FieldReader reader(simdjson::dom::object(item), *this, name, index);
    visit(reader);
    ++index;
  }
}

std::optional<FieldReader::Element> FieldReader::Find(std::string_view name) const {
  Element value;
  if (object_.at_key(name).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

std::string FieldReader::Path() const {
  if (parent_ == nullptr) return "";
  std::string path = parent_->PathOf(name_);
  if (index_) path += fmt::format("[{}]", *index_);
  return path;
}

std::string FieldReader::PathOf(std::string_view name) const {
  std::string path = Path();
  if (!path.empty()) path += '.';
  return path.append(name);
}

void FieldReader::Refuse(std::string_view path, std::string_view must, Element found) {
  if (problem_) return;
  problem_ = k8s::Error{.code = k8s::ErrorCode::kBadResponse,
                        .message = fmt::format("`{}` must be {}, found a value of type {}", path,
                                               must, TypeName(found))};
}

void FieldReader::RefuseWord(std::string_view name, std::string_view word) {
  if (problem_) return;
  problem_ =
      k8s::Error{.code = k8s::ErrorCode::kBadResponse,
                 .message = fmt::format("`{}` has the unknown value '{}'", PathOf(name), word)};
}

std::optional<std::string_view> FieldReader::FindString(std::string_view name) {
  const std::optional<Element> value = Find(name);
  if (!value) return std::nullopt;
  if (!value->is_string()) {
    Refuse(PathOf(name), "a string", *value);
    return std::nullopt;
  }
  return std::string_view(*value);
}

void FieldReader::ReadInteger(std::string_view name, std::optional<std::size_t> index,
                              Element value, const Range& range, std::int64_t& target) {
  const auto path = [&] {
    return index ? fmt::format("{}[{}]", PathOf(name), *index) : PathOf(name);
  };
  if (!value.is_int64() && !value.is_uint64()) return Refuse(path(), "an integer", value);
  std::int64_t number = 0;
  // An unsigned value beyond the signed range is an error here.
  const bool fits = value.get_int64().get(number) == simdjson::SUCCESS;
  if (!fits || number < range.min || number > range.max) {
    return Refuse(path(), fmt::format("an integer between {} and {}", range.min, range.max), value);
  }
  target = number;
}

}  // namespace ffdl::v1
