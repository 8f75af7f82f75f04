// The functions of Store that read, and the step between bytes and values; included by store.h
// alone.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "k8s-client/informer/store.h"

namespace ffdl::k8s {

// --- Between values and bytes ---

template <typename T>
typename Store<T>::Stored Store<T>::Pack(const T& object) {
  const ObjectMeta& meta = object.meta;
  scratch_ = meta.key.ns + meta.key.name;
  CompactWriter(words_, scratch_).Value(object);
  const OwnerReference* const owner = ControllerOf(meta);
  return CompactObject::Make(meta.key, scratch_, meta.resource_version,
                             owner != nullptr ? CompactObject::OwnerHash(owner->uid) : 0);
}

template <typename T>
typename Store<T>::Ptr Store<T>::Unpack(const Stored& object) const {
  auto value = std::make_unique<T>();
  CompactReader(words_, object->content(), object->fields_start()).Value(*value);
  value->meta.key = {.ns = std::string(object->ns()), .name = std::string(object->name())};
  value->meta.resource_version = object->version();
  return value;
}

template <typename T>
std::string Store<T>::UidOf(const Stored& object) const {
  // The first field of the first field of every table (compact_tables.h).
  std::string uid;
  CompactReader(words_, object->content(), object->fields_start()).Uid(uid);
  return uid;
}

template <typename T>
bool Store<T>::SameContent(const Stored& a, const Stored& b) {
  return a->content() == b->content();
}

// --- Readers ---

template <typename T>
typename Store<T>::Ptr Store<T>::Get(const ObjectKey& key) const {
  const std::shared_lock lock(mutex_);
  const auto it = objects_.find(key);
  return it == objects_.end() ? nullptr : Unpack(*it);
}

template <typename T>
bool Store<T>::Contains(const ObjectKey& key) const {
  const std::shared_lock lock(mutex_);
  return objects_.contains(key);
}

template <typename T>
std::optional<std::string> Store<T>::UidAt(const ObjectKey& key) const {
  const std::shared_lock lock(mutex_);
  const auto it = objects_.find(key);
  if (it == objects_.end()) return std::nullopt;
  return UidOf(*it);
}

template <typename T>
typename Store<T>::Owned Store<T>::ByOwner(std::string_view owner_uid) const {
  return ByOwners({&owner_uid, 1});
}

template <typename T>
typename Store<T>::Owned Store<T>::ByOwners(std::span<const std::string_view> owner_uids) const {
  const std::shared_lock lock(mutex_);
  Owned found{.resource_version = resource_version_};
  for (const std::string_view owner_uid : owner_uids) {
    const auto [begin, end] = by_owner_.equal_range(CompactObject::OwnerHash(owner_uid));
    for (auto it = begin; it != end; ++it) {
      Ptr object = Unpack(*it);
      if (ControllerOf(object->meta)->uid == owner_uid) found.objects.push_back(std::move(object));
    }
  }
  return found;
}

template <typename T>
std::vector<typename Store<T>::Ptr> Store<T>::ByNamePrefix(const ObjectKey& prefix) const {
  const std::shared_lock lock(mutex_);
  std::vector<Ptr> found;
  for (auto it = objects_.lower_bound(prefix); it != objects_.end(); ++it) {
    if ((*it)->ns() != prefix.ns || !(*it)->name().starts_with(prefix.name)) break;
    found.push_back(Unpack(*it));
  }
  return found;
}

template <typename T>
std::vector<typename Store<T>::Ptr> Store<T>::List() const {
  const std::shared_lock lock(mutex_);
  std::vector<Ptr> all;
  all.reserve(objects_.size());
  for (const Stored& object : objects_) all.push_back(Unpack(object));
  return all;
}

template <typename T>
std::vector<ObjectKey> Store<T>::Keys() const {
  const std::shared_lock lock(mutex_);
  std::vector<ObjectKey> keys;
  keys.reserve(objects_.size());
  for (const Stored& object : objects_) {
    keys.push_back({.ns = std::string(object->ns()), .name = std::string(object->name())});
  }
  return keys;
}

template <typename T>
void Store<T>::ForEach(const std::function<void(const T&)>& use) const {
  const std::shared_lock lock(mutex_);
  for (const Stored& object : objects_) use(*Unpack(object));
}

template <typename T>
std::size_t Store<T>::size() const {
  const std::shared_lock lock(mutex_);
  return objects_.size();
}

template <typename T>
std::size_t Store<T>::bytes() const {
  const std::shared_lock lock(mutex_);
  return bytes_;
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
std::vector<Undecodable> Store<T>::AllUndecodable() const {
  const std::shared_lock lock(mutex_);
  std::vector<Undecodable> all;
  for (const auto& [key, object] : undecodable_) all.push_back(object);
  return all;
}

}  // namespace ffdl::k8s
