#include "test/simulation/server/object_log.h"

#include <utility>

namespace ffdl::simulation {

StoredPtr ObjectLog::Find(const Kind& kind, const k8s::ObjectKey& key) const {
  const Objects& objects = All(kind);
  const auto it = objects.find(key);
  return it == objects.end() ? nullptr : it->second;
}

const Objects& ObjectLog::All(const Kind& kind) const {
  static const Objects kNone;
  const auto it = tables_.find(kind.plural);
  return it == tables_.end() ? kNone : it->second.objects;
}

const std::vector<Revision>& ObjectLog::History(const Kind& kind) const {
  static const std::vector<Revision> kNone;
  const auto it = tables_.find(kind.plural);
  return it == tables_.end() ? kNone : it->second.history;
}

Objects ObjectLog::At(const Kind& kind, std::int64_t version) const {
  Objects objects;
  for (const Revision& revision : History(kind)) {
    if (revision.version > version) break;
    if (revision.change == Change::kDeleted) {
      objects.erase(revision.object->key);
    } else {
      objects[revision.object->key] = revision.object;
    }
  }
  return objects;
}

StoredPtr ObjectLog::Make(Json object, FieldOwners owners, std::int64_t version) {
  Json& metadata = object["metadata"];
  metadata["resourceVersion"] = std::to_string(version);
  auto stored = std::make_shared<Stored>();
  stored->key = {.ns = metadata.value("namespace", ""), .name = metadata.value("name", "")};
  stored->uid = metadata.value("uid", "");
  stored->version = version;
  stored->owners = std::move(owners);
  stored->object = std::move(object);
  return stored;
}

StoredPtr ObjectLog::Put(const Kind& kind, Json object, FieldOwners owners) {
  Table& table = tables_[kind.plural];
  StoredPtr stored = Make(std::move(object), std::move(owners), ++version_);
  StoredPtr& slot = table.objects[stored->key];
  if (kind.is_watched) {
    table.history.push_back({.version = version_,
                             .change = slot ? Change::kModified : Change::kAdded,
                             .object = stored});
  }
  slot = stored;
  return stored;
}

void ObjectLog::Remove(const Kind& kind, const k8s::ObjectKey& key) {
  Table& table = tables_[kind.plural];
  const auto it = table.objects.find(key);
  StoredPtr last = Make(it->second->object, {}, ++version_);
  table.objects.erase(it);
  if (kind.is_watched) {
    table.history.push_back(
        {.version = version_, .change = Change::kDeleted, .object = std::move(last)});
  }
}

}  // namespace ffdl::simulation
