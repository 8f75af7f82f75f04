// What etcd is to a real API server: every version of every object, in one order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "k8s-client/meta/object_key.h"
#include "test/simulation/server/field_set.h"
#include "test/simulation/server/kinds.h"

namespace ffdl::simulation {

// One version of one object. Immutable.
struct Stored {
  Json object;  // managedFields are kept apart
  FieldOwners owners;
  k8s::ObjectKey key;
  std::string uid;
  std::int64_t version = 0;

  // The object as the server sends it; made once.
  [[nodiscard]] const std::string& Text() const {
    if (text_.empty()) text_ = object.dump();
    return text_;
  }

 private:
  mutable std::string text_;
};

using StoredPtr = std::shared_ptr<const Stored>;
using Objects = std::map<k8s::ObjectKey, StoredPtr>;

enum class Change { kAdded, kModified, kDeleted };

struct Revision {
  std::int64_t version = 0;
  Change change = Change::kAdded;
  StoredPtr object;  // of a deletion: the last state, with the version of the deletion
};

class ObjectLog {
 public:
  // Null when there is none.
  [[nodiscard]] StoredPtr Find(const Kind& kind, const k8s::ObjectKey& key) const;
  [[nodiscard]] const Objects& All(const Kind& kind) const;
  // Of a kind that is watched; of others it is empty.
  [[nodiscard]] const std::vector<Revision>& History(const Kind& kind) const;
  // What there was after `version`.
  [[nodiscard]] Objects At(const Kind& kind, std::int64_t version) const;
  // Of the newest change of any kind.
  [[nodiscard]] std::int64_t version() const { return version_; }

  // Sets metadata.resourceVersion, and makes that the newest version.
  StoredPtr Put(const Kind& kind, Json object, FieldOwners owners);
  void Remove(const Kind& kind, const k8s::ObjectKey& key);

 private:
  struct Table {
    Objects objects;
    std::vector<Revision> history;
  };

  static StoredPtr Make(Json object, FieldOwners owners, std::int64_t version);

  std::map<std::string_view, Table> tables_;  // by plural
  std::int64_t version_ = 100;                // a cluster has seen things before the first job
};

}  // namespace ffdl::simulation
