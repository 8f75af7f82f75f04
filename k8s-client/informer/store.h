#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s-client/informer/compact_object.h"
#include "k8s-client/meta/compact.h"
#include "k8s-client/meta/interner.h"
#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/resource_version.h"

namespace ffdl::k8s {

// An object that the server has but that could not be read. What the store knew of it before stays;
// whoever plans with it must know that it is out of date.
struct Undecodable {
  ObjectMeta identity;  // what could be read of it: key, uid, resourceVersion, owners
  std::string error;
};

enum class StoreVerdict {
  kApplied,
  kNothingNew,  // a newer version that differs in nothing that T holds; nobody is told
  kUnchanged,   // seen before: the same uid and version
  kTimeTravel,  // older than what is held, so nothing was changed: the server looks at the past
};

// All objects of one type as the server last told them. T has a member `meta` of type ObjectMeta
// and a table of fields (k8s-client/meta/compact.h): the store holds compact bytes, and each
// reading function makes objects of them, which takes some microseconds an object.
//
// One writer, the loop of its informer; any number of readers on any thread, who own what they get.
// Each reading function is one consistent look; everything comes sorted by key.
template <typename T>
class Store {
 public:
  using Ptr = std::unique_ptr<T>;  // the caller's own
  // Told about each change, on the writer's thread without a lock held: (null, new) for an
  // addition, (old, new) for an update, (old, null) for a deletion.
  using ChangeHandler = std::function<void(const Ptr& before, const Ptr& after)>;
  using UndecodableHandler = std::function<void(const Undecodable&)>;

  // --- Readers ---

  [[nodiscard]] Ptr Get(const ObjectKey& key) const;
  [[nodiscard]] bool Contains(const ObjectKey& key) const;
  // The uid alone, for a tenth of the work.
  [[nodiscard]] std::optional<std::string> UidAt(const ObjectKey& key) const;
  // The objects whose controller has one of these uids, owner by owner, and the version of the
  // store at that look.
  struct Owned {
    std::vector<Ptr> objects;
    std::string resource_version;
  };
  [[nodiscard]] Owned ByOwner(std::string_view owner_uid) const;
  [[nodiscard]] Owned ByOwners(std::span<const std::string_view> owner_uids) const;
  // The objects of the namespace whose names begin so.
  [[nodiscard]] std::vector<Ptr> ByNamePrefix(const ObjectKey& prefix) const;
  [[nodiscard]] std::vector<Ptr> List() const;
  [[nodiscard]] std::vector<ObjectKey> Keys() const;
  // One object after the other, under the lock.
  void ForEach(const std::function<void(const T&)>& use) const;
  [[nodiscard]] std::size_t size() const;
  // Of all objects together, without what the allocator and the indices add.
  [[nodiscard]] std::size_t bytes() const;

  // Whether the store has been filled once.
  [[nodiscard]] bool filled() const;
  // Everything up to this version is in the store; bookmarks count. "" before the first fill.
  [[nodiscard]] std::string resource_version() const;

  [[nodiscard]] std::optional<Undecodable> UndecodableAt(const ObjectKey& key) const;
  [[nodiscard]] std::vector<Undecodable> AllUndecodable() const;

  // --- Set-up, before the writer starts ---

  void OnChange(ChangeHandler handler) { change_handlers_.push_back(std::move(handler)); }
  void OnUndecodable(UndecodableHandler handler) {
    undecodable_handlers_.push_back(std::move(handler));
  }

  // --- The writer ---

  // From here to EndFill, Put and MarkUndecodable collect a new content beside the old one, which
  // readers keep seeing. Beginning again drops what was collected.
  void BeginFill();
  // Replaces the content at once, then tells the differences: what is missing now was deleted while
  // nobody looked. A content older than the store is refused unless `accept_older`.
  StoreVerdict EndFill(std::string_view version, bool accept_older = false);
  void AbortFill();
  [[nodiscard]] bool filling() const { return fill_.has_value(); }

  // A known name with another uid is told as a deletion and an addition.
  StoreVerdict Put(T object);
  StoreVerdict Remove(const ObjectMeta& last_state);
  StoreVerdict MarkUndecodable(Undecodable object);
  // A bookmark.
  void AdvanceTo(std::string_view version);

 private:
  using Stored = CompactObject::Ptr;
  using Objects = std::set<Stored, CompactByKey>;
  using OwnerIndex = std::set<Stored, CompactByOwner>;
  using UndecodableMap = std::map<ObjectKey, Undecodable>;
  struct Fill {
    Objects objects;
    UndecodableMap undecodable;

    void Put(const Stored& object) {  // the last word on a name counts
      // A server lists in the order of keys.
      if (objects.empty() || CompactByKey{}(*objects.rbegin(), object)) {
        objects.insert(objects.end(), object);
        return;
      }
      objects.erase(object);
      objects.insert(object);
    }
  };
  using Change = std::pair<Stored, Stored>;

  [[nodiscard]] Stored Pack(const T& object);
  [[nodiscard]] Ptr Unpack(const Stored& object) const;
  [[nodiscard]] std::string UidOf(const Stored& object) const;
  [[nodiscard]] static bool SameContent(const Stored& a, const Stored& b);

  [[nodiscard]] Stored Find(const ObjectKey& key) const;
  void Insert(const Stored& object);
  void Erase(const Stored& object);
  void Advance(std::string_view version);
  [[nodiscard]] std::vector<Change> ReplaceWith(Fill fill);
  [[nodiscard]] std::vector<Change> BeginWith(Objects objects);
  [[nodiscard]] std::vector<Change> ChangesTo(const Objects& objects) const;
  void Tell(const Stored& before, const Stored& after) const;

  std::vector<ChangeHandler> change_handlers_;
  std::vector<UndecodableHandler> undecodable_handlers_;
  std::optional<Fill> fill_;  // the writer's alone

  mutable std::shared_mutex mutex_;
  Interner words_;
  std::string scratch_;  // the writer's
  std::size_t bytes_ = 0;
  Objects objects_;
  OwnerIndex by_owner_;
  UndecodableMap undecodable_;
  std::string resource_version_;
  bool filled_ = false;
};

}  // namespace ffdl::k8s

#include "k8s-client/informer/store_impl.h"       // IWYU pragma: export
#include "k8s-client/informer/store_read_impl.h"  // IWYU pragma: export
