// The functions of Store's writer; included by store.h alone. The writer is alone, so what it reads
// cannot change before it takes the lock.
#pragma once

#include <compare>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "k8s-client/informer/store.h"

namespace ffdl::k8s {

template <typename T>
void Store<T>::BeginFill() {
  fill_.emplace();
}

template <typename T>
void Store<T>::AbortFill() {
  fill_.reset();
}

template <typename T>
StoreVerdict Store<T>::EndFill(std::string_view version, bool accept_older) {
  Fill fill = std::move(*fill_);
  fill_.reset();
  std::vector<Undecodable> newly_undecodable;
  std::vector<Change> changes;
  {
    const std::unique_lock lock(mutex_);
    if (!accept_older && std::is_lt(CompareResourceVersions(version, resource_version_))) {
      return StoreVerdict::kTimeTravel;
    }
    for (const auto& [key, object] : fill.undecodable) newly_undecodable.push_back(object);
    changes = ReplaceWith(std::move(fill));
    resource_version_ = version;
    filled_ = true;
  }
  for (const auto& [before, after] : changes) Tell(before, after);
  for (const Undecodable& object : newly_undecodable) {
    for (const UndecodableHandler& handler : undecodable_handlers_) handler(object);
  }
  return StoreVerdict::kApplied;
}

template <typename T>
std::vector<typename Store<T>::Change> Store<T>::ReplaceWith(Fill fill) {
  for (const auto& [key, object] : fill.undecodable) {
    // What was known before is kept beside the mark, unless it was another object of that name.
    const Stored known = Find(key);
    if (known && UidOf(known) == object.identity.uid) fill.objects.insert(known);
  }
  const UndecodableMap was_undecodable = std::exchange(undecodable_, std::move(fill.undecodable));
  if (objects_.empty()) return BeginWith(std::move(fill.objects));
  std::vector<Change> changes = ChangesTo(fill.objects);
  for (const auto& [before, after] : changes) {
    if (before) Erase(before);
    if (after) Insert(after);
  }
  std::erase_if(changes, [&](const Change& change) {
    const auto& [before, after] = change;
    return before && after && SameContent(before, after) &&
           !was_undecodable.contains(
               {.ns = std::string(after->ns()), .name = std::string(after->name())});
  });
  return changes;
}

// All of them are new, so nothing needs to be searched for.
template <typename T>
std::vector<typename Store<T>::Change> Store<T>::BeginWith(Objects objects) {
  std::vector<Change> changes;
  changes.reserve(objects.size());
  for (const Stored& object : objects) {
    if (object->owner_hash() != 0) by_owner_.insert(object);
    bytes_ += object->bytes();
    changes.emplace_back(Stored(), object);
  }
  objects_ = std::move(objects);
  return changes;
}

// What has to be told when these objects take the place of those that are there: first what
// vanished, another object of the same name included, then what is new or other.
template <typename T>
std::vector<typename Store<T>::Change> Store<T>::ChangesTo(const Objects& objects) const {
  std::vector<Change> changes;
  for (const Stored& before : objects_) {
    const auto it = objects.find(before);
    if (it == objects.end() || (*it != before && UidOf(*it) != UidOf(before))) {
      changes.emplace_back(before, Stored());
    }
  }
  for (const Stored& after : objects) {
    const auto it = objects_.find(after);
    const Stored before = it == objects_.end() ? Stored() : *it;
    if (before == after) continue;
    const bool same = before && UidOf(before) == UidOf(after);
    changes.emplace_back(same ? before : Stored(), after);
  }
  return changes;
}

template <typename T>
StoreVerdict Store<T>::Put(T object) {
  const ObjectKey& key = object.meta.key;
  Stored before = Find(key);
  const bool same_object = before && UidOf(before) == object.meta.uid;
  const bool was_undecodable = undecodable_.contains(key);
  if (same_object) {
    const auto order = CompareResourceVersions(object.meta.resource_version, before->version());
    if (std::is_eq(order) && !was_undecodable) {
      if (fill_) fill_->Put(before);  // shared, so that a refill costs nothing
      return StoreVerdict::kUnchanged;
    }
    // Within a fill only the version of the whole counts: EndFill decides.
    if (std::is_lt(order) && !fill_) return StoreVerdict::kTimeTravel;
  }
  Stored after;
  {
    const std::unique_lock lock(mutex_);
    after = Pack(object);
    if (fill_) {
      fill_->undecodable.erase(key);
      fill_->Put(after);
      return StoreVerdict::kApplied;
    }
    if (before) Erase(before);
    Insert(after);
    undecodable_.erase(key);
    Advance(object.meta.resource_version);
  }
  if (same_object && !was_undecodable && SameContent(before, after)) {
    return StoreVerdict::kNothingNew;
  }
  if (before && !same_object) Tell(before, Stored());
  Tell(same_object ? before : Stored(), after);
  return StoreVerdict::kApplied;
}

template <typename T>
StoreVerdict Store<T>::Remove(const ObjectMeta& last_state) {
  const Stored before = Find(last_state.key);
  if (fill_) {
    const auto it = fill_->objects.find(last_state.key);
    if (it != fill_->objects.end()) fill_->objects.erase(it);
    fill_->undecodable.erase(last_state.key);
    return StoreVerdict::kApplied;
  }
  // The name may have a successor already, whose addition came first.
  const bool same = before && (last_state.uid.empty() || UidOf(before) == last_state.uid);
  {
    const std::unique_lock lock(mutex_);
    if (same) Erase(before);
    undecodable_.erase(last_state.key);
    Advance(last_state.resource_version);
  }
  if (same) Tell(before, Stored());
  return same ? StoreVerdict::kApplied : StoreVerdict::kUnchanged;
}

template <typename T>
StoreVerdict Store<T>::MarkUndecodable(Undecodable object) {
  const ObjectKey key = object.identity.key;
  if (fill_) {
    fill_->undecodable.insert_or_assign(key, std::move(object));
    return StoreVerdict::kApplied;
  }
  const Stored known = Find(key);
  const bool replaced =
      known && !object.identity.uid.empty() && UidOf(known) != object.identity.uid;
  {
    const std::unique_lock lock(mutex_);
    if (replaced) Erase(known);
    undecodable_.insert_or_assign(key, object);
    Advance(object.identity.resource_version);
  }
  if (replaced) Tell(known, Stored());
  for (const UndecodableHandler& handler : undecodable_handlers_) handler(object);
  return StoreVerdict::kApplied;
}

template <typename T>
void Store<T>::AdvanceTo(std::string_view version) {
  const std::unique_lock lock(mutex_);
  Advance(version);
}

template <typename T>
typename Store<T>::Stored Store<T>::Find(const ObjectKey& key) const {
  const auto it = objects_.find(key);
  return it == objects_.end() ? Stored() : *it;
}

template <typename T>
void Store<T>::Insert(const Stored& object) {
  if (object->owner_hash() != 0) by_owner_.insert(object);
  objects_.insert(object);
  bytes_ += object->bytes();
}

template <typename T>
void Store<T>::Erase(const Stored& object) {
  if (object->owner_hash() != 0) by_owner_.erase(object);
  objects_.erase(object);
  bytes_ -= object->bytes();
}

template <typename T>
void Store<T>::Advance(std::string_view version) {
  if (std::is_gt(CompareResourceVersions(version, resource_version_))) resource_version_ = version;
}

template <typename T>
void Store<T>::Tell(const Stored& before, const Stored& after) const {
  if (change_handlers_.empty()) return;
  const Ptr old_object = before ? Unpack(before) : nullptr;
  const Ptr new_object = after ? Unpack(after) : nullptr;
  for (const ChangeHandler& handler : change_handlers_) handler(old_object, new_object);
}

}  // namespace ffdl::k8s
