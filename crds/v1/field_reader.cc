#include "crds/v1/field_reader.h"

#include <fmt/format.h>

namespace ffdl::v1 {

using nlohmann::json;

void FieldReader::Read(std::string_view name, std::string& target) {
  if (const std::string* const text = FindString(name)) target = *text;
}

void FieldReader::Read(std::string_view name, std::optional<std::string>& target) {
  if (const std::string* const text = FindString(name)) target = *text;
}

void FieldReader::Read(std::string_view name, std::int32_t& target) {
  std::int64_t wide = target;
  if (const json* const value = Find(name)) CheckInteger(PathOf(name), *value, kInt32, wide);
  target = static_cast<std::int32_t>(wide);
}

void FieldReader::Read(std::string_view name, std::int64_t& target) {
  if (const json* const value = Find(name)) CheckInteger(PathOf(name), *value, kInt64, target);
}

void FieldReader::Read(std::string_view name, std::optional<std::int64_t>& target) {
  std::int64_t value = 0;
  const json* const there = Find(name);
  if (there == nullptr) return;
  Read(name, value);
  target = value;
}

void FieldReader::Read(std::string_view name, bool& target) {
  const json* const value = Find(name);
  if (value == nullptr) return;
  if (!value->is_boolean()) return Refuse(PathOf(name), "a boolean", *value);
  target = value->get<bool>();
}

void FieldReader::Read(std::string_view name, k8s::Time& target) {
  std::optional<k8s::Time> time;
  Read(name, time);
  if (time) target = *time;
}

void FieldReader::Read(std::string_view name, std::optional<k8s::Time>& target) {
  const std::string* const text = FindString(name);
  if (text == nullptr) return;
  const std::optional<k8s::Time> time = k8s::ParseTime(*text);
  if (!time) return Refuse(PathOf(name), "a time as of RFC 3339", json(*text));
  target = time;
}

void FieldReader::Read(std::string_view name, std::vector<std::string>& target) {
  const json* const list = Find(name);
  if (list == nullptr) return;
  if (!list->is_array()) return Refuse(PathOf(name), "a list", *list);
  target.clear();
  target.reserve(list->size());
  for (const json& item : *list) {
    if (!item.is_string()) {
      return Refuse(fmt::format("{}[{}]", PathOf(name), target.size()), "a string", item);
    }
    target.push_back(item.get_ref<const std::string&>());
  }
}

void FieldReader::Read(std::string_view name, std::vector<std::int32_t>& target) {
  const json* const list = Find(name);
  if (list == nullptr) return;
  if (!list->is_array()) return Refuse(PathOf(name), "a list", *list);
  target.clear();
  target.reserve(list->size());
  for (const json& item : *list) {
    std::int64_t value = 0;
    CheckInteger(fmt::format("{}[{}]", PathOf(name), target.size()), item, kInt32, value);
    target.push_back(static_cast<std::int32_t>(value));
  }
}

void FieldReader::Read(std::string_view name, k8s::Labels& target) {
  const json* const map = Find(name);
  if (map == nullptr) return;
  if (!map->is_object()) return Refuse(PathOf(name), "an object", *map);
  target.clear();
  for (const auto& [key, value] : map->items()) {
    if (!value.is_string()) {
      return Refuse(fmt::format("{}[{}]", PathOf(name), key), "a string", value);
    }
    target.emplace_hint(target.end(), key, value.get_ref<const std::string&>());
  }
}

void FieldReader::ReadQuantity(std::string_view name, std::string& target) {
  const json* const value = Find(name);
  if (value == nullptr) return;
  if (value->is_string()) {
    target = value->get_ref<const std::string&>();
  } else if (value->is_number_integer()) {
    target = value->dump();
  } else {
    Refuse(PathOf(name), "a quantity (a string or an integer)", *value);
  }
}

void FieldReader::ReadAsIs(std::string_view name, json& target) {
  const json* const value = Find(name);
  if (value == nullptr) return;
  if (value->type() != target.type()) {
    return Refuse(PathOf(name), target.is_array() ? "a list" : "an object", *value);
  }
  target = *value;
}

std::optional<FieldReader> FieldReader::Enter(std::string_view name) {
  const json* const value = Find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) {
    Refuse(PathOf(name), "an object", *value);
    return std::nullopt;
  }
  return FieldReader(*value, *this, name, std::nullopt);
}

void FieldReader::ForEach(std::string_view name, const std::function<void(FieldReader&)>& visit) {
  const json* const list = Find(name);
  if (list == nullptr) return;
  if (!list->is_array()) return Refuse(PathOf(name), "a list", *list);
  for (std::size_t i = 0; i < list->size(); ++i) {
    const json& item = (*list)[i];
    if (!item.is_object()) {
      return Refuse(fmt::format("{}[{}]", PathOf(name), i), "an object", item);
    }
    FieldReader reader(item, *this, name, i);
    visit(reader);
  }
}

const json* FieldReader::Find(std::string_view name) const {
  const auto it = object_.find(name);
  return it == object_.end() || it->is_null() ? nullptr : &*it;
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

void FieldReader::Refuse(std::string_view path, std::string_view must, const json& found) {
  if (problem_) return;
  problem_ = k8s::Error{.code = k8s::ErrorCode::kBadResponse,
                        .message = fmt::format("`{}` must be {}, found a value of type {}", path,
                                               must, found.type_name())};
}

void FieldReader::RefuseWord(std::string_view name, std::string_view word) {
  if (problem_) return;
  problem_ =
      k8s::Error{.code = k8s::ErrorCode::kBadResponse,
                 .message = fmt::format("`{}` has the unknown value '{}'", PathOf(name), word)};
}

const std::string* FieldReader::FindString(std::string_view name) {
  const json* const value = Find(name);
  if (value == nullptr) return nullptr;
  if (!value->is_string()) {
    Refuse(PathOf(name), "a string", *value);
    return nullptr;
  }
  return &value->get_ref<const std::string&>();
}

void FieldReader::CheckInteger(std::string_view path, const json& value, const Range& range,
                               std::int64_t& target) {
  if (!value.is_number_integer()) return Refuse(path, "an integer", value);
  // An unsigned value beyond the signed range would come out negative.
  const bool too_big = value.is_number_unsigned() &&
                       value.get<std::uint64_t>() > static_cast<std::uint64_t>(range.max);
  const auto number = value.get<std::int64_t>();
  if (too_big || number < range.min || number > range.max) {
    return Refuse(path, fmt::format("an integer between {} and {}", range.min, range.max), value);
  }
  target = number;
}

}  // namespace ffdl::v1
