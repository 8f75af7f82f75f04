#include "test/simulation/server/apply.h"

#include <algorithm>
#include <climits>
#include <iterator>
#include <utility>

namespace ffdl::simulation {
namespace {

// Makes the way to `path`, and gives the value there.
Json& Reach(Json& object, const FieldPath& path) {
  Json* at = &object;
  for (const std::string_view step : path.steps()) {
    if (!step.starts_with('[')) {
      if (!at->is_object()) *at = Json::object();
      at = &(*at)[std::string(step)];
      continue;
    }
    const std::size_t equals = step.find('=');
    if (!at->is_array()) *at = Json::array();
    Json* item = FindItem(*at, step.substr(1, equals - 1), step.substr(equals + 1));
    if (item == nullptr) {
      at->push_back(Json::object());
      item = &at->back();
    }
    at = item;
  }
  return *at;
}

bool Has(const std::vector<Json>& keys, const Json& key) {
  return std::ranges::find(keys, key) != keys.end();
}

// Items that are applied stand as the body has them, and those of others where they were among them
// (mergingWalker.visitListItems of structured-merge-diff v6).
std::vector<Json> MergedOrder(const std::vector<Json>& live, const std::vector<Json>& body) {
  std::vector<Json> merged;
  std::size_t l = 0;
  std::size_t next_shared = 0;  // in `body`
  const auto skip_to_shared = [&] {
    while (next_shared < body.size() && !Has(live, body[next_shared])) ++next_shared;
  };
  skip_to_shared();
  for (std::size_t b = 0; l < live.size() || b < body.size();) {
    if (l < live.size() && !Has(body, live[l])) {
      merged.push_back(live[l++]);
      continue;
    }
    if (l < live.size() &&
        (Has(merged, live[l]) || (next_shared < body.size() && live[l] != body[next_shared]))) {
      ++l;
      continue;
    }
    if (l < live.size() && b < body.size() && live[l] == body[b]) ++l;
    if (b == next_shared) {
      ++next_shared;
      skip_to_shared();
    }
    if (b < body.size()) merged.push_back(body[b++]);
  }
  return merged;
}

std::vector<Json> KeysOf(const Json& list, const std::string& key) {
  std::vector<Json> keys;
  for (const Json& item : list) keys.push_back(item.value(key, Json()));
  return keys;
}

void Reorder(Json& list, const std::string& key, const std::vector<Json>& order) {
  std::stable_sort(list.begin(), list.end(), [&](const Json& a, const Json& b) {
    return std::ranges::find(order, a.value(key, Json())) <
           std::ranges::find(order, b.value(key, Json()));
  });
}

void SetAll(Json& object, const Json& body, std::string_view name, const FieldPath& path,
            const FieldSet& fields) {
  if (fields.contains(path)) {
    Reach(object, path) = body;
    return;
  }
  if (body.is_array()) {
    const std::string key(ListKeyOf(name));
    const Json* const live = Find(object, path);
    const std::vector<Json> before = live != nullptr ? KeysOf(*live, key) : std::vector<Json>();
    for (const Json& item : body) {
      const FieldPath below = path.Item(key, item.value(key, Json()));
      // The key first: without it the item cannot be found again.
      Reach(object, below)[key] = item.at(key);
      SetAll(object, item, "", below, fields);
    }
    Reorder(Reach(object, path), key, MergedOrder(before, KeysOf(body, key)));
  } else if (body.is_object()) {
    for (const auto& [member, below] : body.items()) {
      SetAll(object, below, member, path.Member(member), fields);
    }
  }
}

bool OthersOwn(const FieldOwners& owners, const std::string& manager, const FieldPath& field) {
  return std::ranges::any_of(owners, [&](const auto& entry) {
    return entry.first != manager && entry.second.contains(field);
  });
}

// Without its key an item cannot be found any more, nor what is in it: inner ones go first.
std::vector<FieldPath> KeysLast(const FieldSet& fields) {
  std::vector<FieldPath> order(fields.begin(), fields.end());
  std::ranges::stable_sort(order, {}, [](const FieldPath& field) {
    return field.IsKey() ? -static_cast<int>(field.steps().size()) : INT_MIN;
  });
  return order;
}

}  // namespace

Applied Apply(const Json& live, FieldOwners owners, const Json& body, const std::string& manager,
              bool force) {
  Applied applied{.object = live};
  Json wanted = body;
  const FieldSet fields = FieldsOf(body);
  for (auto& [other, theirs] : owners) {
    if (other == manager) continue;
    for (auto it = theirs.begin(); it != theirs.end();) {
      const Json* const now = fields.contains(*it) ? Find(applied.object, *it) : nullptr;
      const bool taken = now != nullptr && *now != *Find(wanted, *it);
      if (taken && !force) applied.conflicts.push_back({.manager = other, .field = *it});
      it = taken ? theirs.erase(it) : std::next(it);
    }
  }
  if (!applied.conflicts.empty()) return applied;
  for (const FieldPath& before : KeysLast(owners[manager])) {
    if (fields.contains(before) || OthersOwn(owners, manager, before)) continue;
    Remove(applied.object, before);
  }
  SetAll(applied.object, body, "", FieldPath(), fields);
  owners[manager] = fields;
  std::erase_if(owners, [](const auto& entry) { return entry.second.empty(); });
  applied.owners = std::move(owners);
  return applied;
}

}  // namespace ffdl::simulation
