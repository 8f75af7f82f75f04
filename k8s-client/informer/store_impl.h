// The functions of Store; included by store.h alone.
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
typename Store<T>::Ptr Store<T>::Get(const ObjectKey& key) const {
  const std::shared_lock lock(mutex_);
  return Find(key);
}

template <typename T>
std::vector<typename Store<T>::Ptr> Store<T>::ByOwner(std::string_view owner_uid) const {
  const std::shared_lock lock(mutex_);
  const auto it = by_owner_.find(owner_uid);
  if (it == by_owner_.end()) return {};
  return {it->second.begin(), it->second.end()};
}

template <typename T>
std::vector<typename Store<T>::Ptr> Store<T>::List() const {
  const std::shared_lock lock(mutex_);
  return {objects_.begin(), objects_.end()};
}

template <typename T>
std::size_t Store<T>::size() const {
  const std::shared_lock lock(mutex_);
  return objects_.size();
}

template <typename T>
bool Store<T>::filled() const {
  const std::shared_lock lock(mutex_);
  return filled_;
}

template <typename T>
std::string Store<T>::resource_version() const {
  const std::shared_lock lock(mutex_);
  return resource_version_;
}

template <typename T>
std::optional<Undecodable> Store<T>::UndecodableAt(const ObjectKey& key) const {
  const std::shared_lock lock(mutex_);
  const auto it = undecodable_.find(key);
  if (it == undecodable_.end()) return std::nullopt;
  return it->second;
}

template <typename T>
std::vector<Undecodable> Store<T>::UndecodableByOwner(std::string_view owner_uid) const {
  const std::shared_lock lock(mutex_);
  std::vector<Undecodable> found;
  for (const auto& [key, object] : undecodable_) {  // there is hardly ever one
    const OwnerReference* const owner = ControllerOf(object.identity);
    if (owner != nullptr && owner->uid == owner_uid) found.push_back(object);
  }
  return found;
}

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
    const Ptr known = Find(key);
    if (known && known->meta.uid == object.identity.uid) fill.objects.insert(known);
  }
  std::vector<Change> changes;
  for (const Ptr& before : objects_) {
    const auto it = fill.objects.find(before);
    if (it == fill.objects.end() || (*it)->meta.uid != before->meta.uid) {
      changes.emplace_back(before, nullptr);
    }
  }
  for (const Ptr& after : fill.objects) {
    const Ptr before = Find(after->meta.key);
    if (before == after) continue;
    const bool same = before && before->meta.uid == after->meta.uid;
    changes.emplace_back(same ? before : nullptr, after);
  }
  for (const auto& [before, after] : changes) {
    if (before) Erase(before);
    if (after) Insert(after);
  }
  undecodable_ = std::move(fill.undecodable);
  return changes;
}

template <typename T>
StoreVerdict Store<T>::Put(T object) {
  // The writer is alone, so what it reads here cannot change before it takes the lock.
  Ptr before = Find(object.meta.key);
  if (before && before->meta.uid == object.meta.uid) {
    const auto order =
        CompareResourceVersions(object.meta.resource_version, before->meta.resource_version);
    if (std::is_eq(order) && !undecodable_.contains(object.meta.key)) {
      if (fill_)
        fill_->objects.insert(std::move(before));  // shared, so that a refill costs nothing
      return StoreVerdict::kUnchanged;
    }
    // Within a fill only the version of the whole counts: EndFill decides.
    if (std::is_lt(order) && !fill_) return StoreVerdict::kTimeTravel;
  }
  Ptr after = std::make_shared<const T>(std::move(object));
  if (fill_) {
    fill_->undecodable.erase(after->meta.key);
    fill_->objects.insert(std::move(after));
    return StoreVerdict::kApplied;
  }
  {
    const std::unique_lock lock(mutex_);
    if (before) Erase(before);
    Insert(after);
    undecodable_.erase(after->meta.key);
    Advance(after->meta.resource_version);
  }
  if (before && before->meta.uid != after->meta.uid) {
    Tell(before, nullptr);
    before = nullptr;
  }
  Tell(before, after);
  return StoreVerdict::kApplied;
}

template <typename T>
StoreVerdict Store<T>::Remove(const ObjectMeta& last_state) {
  const Ptr before = Find(last_state.key);
  if (fill_) {
    const auto it = fill_->objects.find(last_state.key);
    if (it != fill_->objects.end()) fill_->objects.erase(it);
    fill_->undecodable.erase(last_state.key);
    return StoreVerdict::kApplied;
  }
  // The name may have a successor already, whose addition came first.
  const bool same = before && (last_state.uid.empty() || before->meta.uid == last_state.uid);
  {
    const std::unique_lock lock(mutex_);
    if (same) Erase(before);
    undecodable_.erase(last_state.key);
    Advance(last_state.resource_version);
  }
  if (same) Tell(before, nullptr);
  return same ? StoreVerdict::kApplied : StoreVerdict::kUnchanged;
}

template <typename T>
StoreVerdict Store<T>::MarkUndecodable(Undecodable object) {
  const ObjectKey key = object.identity.key;
  if (fill_) {
    fill_->undecodable.insert_or_assign(key, std::move(object));
    return StoreVerdict::kApplied;
  }
  const Ptr known = Find(key);
  const bool replaced =
      known && !object.identity.uid.empty() && known->meta.uid != object.identity.uid;
  {
    const std::unique_lock lock(mutex_);
    if (replaced) Erase(known);
    undecodable_.insert_or_assign(key, object);
    Advance(object.identity.resource_version);
  }
  if (replaced) Tell(known, nullptr);
  for (const UndecodableHandler& handler : undecodable_handlers_) handler(object);
  return StoreVerdict::kApplied;
}

template <typename T>
void Store<T>::AdvanceTo(std::string_view version) {
  const std::unique_lock lock(mutex_);
  Advance(version);
}

template <typename T>
typename Store<T>::Ptr Store<T>::Find(const ObjectKey& key) const {
  const auto it = objects_.find(key);
  return it == objects_.end() ? nullptr : *it;
}

template <typename T>
void Store<T>::Insert(Ptr object) {
  if (const OwnerReference* const owner = ControllerOf(object->meta)) {
    by_owner_[owner->uid].insert(object);
  }
  objects_.insert(std::move(object));
}

template <typename T>
void Store<T>::Erase(const Ptr& object) {
  if (const OwnerReference* const owner = ControllerOf(object->meta)) {
    const auto it = by_owner_.find(owner->uid);
    it->second.erase(object);
    if (it->second.empty()) by_owner_.erase(it);
  }
  objects_.erase(object);
}

template <typename T>
void Store<T>::Advance(std::string_view version) {
  if (std::is_gt(CompareResourceVersions(version, resource_version_))) resource_version_ = version;
}

template <typename T>
void Store<T>::Tell(const Ptr& before, const Ptr& after) const {
  for (const ChangeHandler& handler : change_handlers_) handler(before, after);
}

}  // namespace ffdl::k8s
