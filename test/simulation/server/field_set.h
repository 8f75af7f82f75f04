// Who owns which field: what managedFields say in a real API server.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "test/simulation/server/kinds.h"

namespace ffdl::simulation {

// Steps from the root of an object to one value. A step is a member's name, or "[key=value" for the
// item of a list that has keys.
class FieldPath {
 public:
  [[nodiscard]] FieldPath Member(std::string_view name) const { return Step(name); }
  [[nodiscard]] FieldPath Item(std::string_view key, const Json& value) const;

  [[nodiscard]] std::vector<std::string_view> steps() const;
  // Whether this is the field by which the item that it is in is found.
  [[nodiscard]] bool IsKey() const;
  // ".spec.replicas", the form of the server's messages.
  [[nodiscard]] std::string Text() const;

  friend auto operator<=>(const FieldPath&, const FieldPath&) = default;
  friend bool operator==(const FieldPath&, const FieldPath&) = default;

 private:
  static constexpr char kSeparator = '\x1f';  // in no name and no value

  [[nodiscard]] FieldPath Step(std::string_view step) const;

  std::string text_;
};

using FieldSet = std::set<FieldPath>;
using FieldOwners = std::map<std::string, FieldSet>;  // by field manager

// All values below `object` that have no members of their own, but for those that name the object
// (apiVersion, kind, metadata.name and the like).
[[nodiscard]] FieldSet FieldsOf(const Json& object);

// The value at `path`, or null.
[[nodiscard]] Json* Find(Json& object, const FieldPath& path);
void Remove(Json& object, const FieldPath& path);

// The item of `list` whose `key` is `value`, or null.
[[nodiscard]] Json* FindItem(Json& list, std::string_view key, std::string_view value);
// A key's value as a step writes it.
[[nodiscard]] std::string KeyText(const Json& value);
// Fields that no manager can own.
[[nodiscard]] bool IsIdentity(std::string_view parent, std::string_view name);

}  // namespace ffdl::simulation
