#include "test/simulation/server/field_set.h"

#include <algorithm>
#include <array>
#include <span>

namespace ffdl::simulation {
namespace {

constexpr std::array<std::string_view, 8> kIdentity{
    "name",       "namespace",         "uid",           "resourceVersion",
    "generation", "creationTimestamp", "managedFields", "deletionTimestamp"};

bool HasParts(std::string_view name, const Json& value) {
  if (value.is_object()) return !value.empty();
  return value.is_array() && !value.empty() && !ListKeyOf(name).empty();
}

void Collect(std::string_view name, const Json& value, const FieldPath& path, FieldSet& fields) {
  if (!HasParts(name, value)) {
    fields.insert(path);
  } else if (value.is_array()) {
    const std::string key(ListKeyOf(name));
    for (const Json& item : value) {
      Collect("", item, path.Item(key, item.value(key, Json())), fields);
    }
  } else {
    for (const auto& [member, below] : value.items()) {
      if (!IsIdentity(name, member)) Collect(member, below, path.Member(member), fields);
    }
  }
}

// The child of `parent` that `step` leads to, or null.
Json* Down(Json& parent, std::string_view step) {
  if (!step.starts_with('[')) {
    if (!parent.is_object()) return nullptr;
    const auto it = parent.find(std::string(step));
    return it == parent.end() ? nullptr : &*it;
  }
  const std::size_t equals = step.find('=');
  return FindItem(parent, step.substr(1, equals - 1), step.substr(equals + 1));
}

void Erase(Json& parent, const Json* child, std::string_view step) {
  if (parent.is_array()) {
    parent.erase(static_cast<std::size_t>(child - &parent.front()));
  } else {
    parent.erase(std::string(step));
  }
}

// What becomes empty on the way goes, too: an item whose last field was removed is no item.
void RemoveBelow(Json& parent, std::span<const std::string_view> steps) {
  Json* const child = Down(parent, steps.front());
  if (child == nullptr) return;
  if (steps.size() > 1) RemoveBelow(*child, steps.subspan(1));
  if (steps.size() == 1 || child->empty()) Erase(parent, child, steps.front());
}

}  // namespace

FieldPath FieldPath::Step(std::string_view step) const {
  FieldPath next;
  next.text_.reserve(text_.size() + step.size() + 1);
  next.text_.append(text_);
  if (!next.text_.empty()) next.text_ += kSeparator;
  next.text_.append(step);
  return next;
}

FieldPath FieldPath::Item(std::string_view key, const Json& value) const {
  return Step("[" + std::string(key) + "=" + KeyText(value));
}

std::vector<std::string_view> FieldPath::steps() const {
  std::vector<std::string_view> steps;
  std::string_view rest = text_;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(kSeparator), rest.size());
    steps.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return steps;
}

std::string FieldPath::Text() const {
  std::string text;
  for (const std::string_view step : steps()) {
    const bool item = step.starts_with('[');
    text.append(item ? "" : ".").append(step).append(item ? "]" : "");
  }
  return text;
}

bool IsIdentity(std::string_view parent, std::string_view name) {
  if (parent.empty()) return name == "apiVersion" || name == "kind";
  return parent == "metadata" && std::ranges::find(kIdentity, name) != kIdentity.end();
}

FieldSet FieldsOf(const Json& object) {
  FieldSet fields;
  for (const auto& [member, below] : object.items()) {
    if (!IsIdentity("", member)) Collect(member, below, FieldPath().Member(member), fields);
  }
  return fields;
}

std::string KeyText(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Json* FindItem(Json& list, std::string_view key, std::string_view value) {
  if (!list.is_array()) return nullptr;
  const auto it = std::ranges::find_if(list, [&](const Json& item) {
    const auto found = item.find(std::string(key));
    return found != item.end() && KeyText(*found) == value;
  });
  return it == list.end() ? nullptr : &*it;
}

Json* Find(Json& object, const FieldPath& path) {
  Json* at = &object;
  for (const std::string_view step : path.steps()) {
    at = Down(*at, step);
    if (at == nullptr) return nullptr;
  }
  return at;
}

void Remove(Json& object, const FieldPath& path) { RemoveBelow(object, path.steps()); }

bool FieldPath::IsKey() const {
  const std::vector<std::string_view> all = steps();
  return all.size() > 1 && all[all.size() - 2].starts_with("[" + std::string(all.back()) + "=");
}

}  // namespace ffdl::simulation
