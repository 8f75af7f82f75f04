#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "k8s-client/meta/object_key.h"

namespace ffdl::k8s {

// One object of a store in one allocation: its key, its fields as a CompactWriter left them, and
// its resource version. Immutable.
class CompactObject {
 public:
  class Ptr;

  // `content` is the namespace, the name, and the fields behind them, in which texts may point to
  // anything before. `owner_hash` is that of OwnerHash, 0 without a controller.
  static Ptr Make(const ObjectKey& key, std::string_view content, std::string_view version,
                  std::uint64_t owner_hash);

  CompactObject(const CompactObject&) = delete;
  CompactObject& operator=(const CompactObject&) = delete;

  [[nodiscard]] std::string_view ns() const { return {text(), ns_bytes_}; }
  [[nodiscard]] std::string_view name() const { return {text() + ns_bytes_, name_bytes_}; }
  [[nodiscard]] std::string_view content() const { return {text(), content_bytes_}; }
  [[nodiscard]] std::size_t fields_start() const { return std::size_t{ns_bytes_} + name_bytes_; }
  [[nodiscard]] std::string_view version() const {
    return {text() + content_bytes_, version_bytes_};
  }
  [[nodiscard]] std::uint64_t owner_hash() const { return owner_hash_; }
  [[nodiscard]] std::size_t bytes() const {
    return sizeof(CompactObject) + content_bytes_ + version_bytes_;
  }

  // Never 0. Owners whose hashes are equal are told apart by their uids.
  [[nodiscard]] static std::uint64_t OwnerHash(std::string_view uid) {
    return std::hash<std::string_view>{}(uid) | 1U;
  }

 private:
  CompactObject() = default;
  ~CompactObject() = default;

  [[nodiscard]] const char* text() const { return reinterpret_cast<const char*>(this + 1); }
  [[nodiscard]] char* text() { return reinterpret_cast<char*>(this + 1); }

  std::uint64_t owner_hash_ = 0;
  std::uint32_t references_ = 0;
  std::uint32_t content_bytes_ = 0;
  std::uint32_t ns_bytes_ = 0;
  std::uint32_t name_bytes_ = 0;
  std::uint32_t version_bytes_ = 0;
};

// Shared ownership that is counted in the object, without atomics: only the store's writer copies
// and drops these.
class CompactObject::Ptr {
 public:
  Ptr() = default;
  explicit Ptr(CompactObject* object) : object_(object) { Count(1); }
  Ptr(const Ptr& other) : object_(other.object_) { Count(1); }
  Ptr(Ptr&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ptr& operator=(const Ptr& other) {
    if (object_ != other.object_) Ptr(other).Swap(*this);
    return *this;
  }
  Ptr& operator=(Ptr&& other) noexcept {
    Ptr(std::move(other)).Swap(*this);
    return *this;
  }
  ~Ptr() { Count(-1); }

  [[nodiscard]] const CompactObject* get() const { return object_; }
  const CompactObject& operator*() const { return *object_; }
  const CompactObject* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  friend bool operator==(const Ptr& a, const Ptr& b) { return a.object_ == b.object_; }

 private:
  void Count(int more);
  void Swap(Ptr& other) noexcept { std::swap(object_, other.object_); }

  CompactObject* object_ = nullptr;
};

// The order of keys, namespace first.
struct CompactByKey {
  using is_transparent = void;
  using Name = std::pair<std::string_view, std::string_view>;
  static Name Of(const CompactObject::Ptr& object) { return {object->ns(), object->name()}; }
  static Name Of(const ObjectKey& key) { return {key.ns, key.name}; }
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    return Of(a) < Of(b);
  }
};

// By controller, then in the order of keys.
struct CompactByOwner {
  using is_transparent = void;
  bool operator()(const CompactObject::Ptr& a, const CompactObject::Ptr& b) const {
    if (a->owner_hash() != b->owner_hash()) return a->owner_hash() < b->owner_hash();
    return CompactByKey{}(a, b);
  }
  bool operator()(const CompactObject::Ptr& a, std::uint64_t owner_hash) const {
    return a->owner_hash() < owner_hash;
  }
  bool operator()(std::uint64_t owner_hash, const CompactObject::Ptr& b) const {
    return owner_hash < b->owner_hash();
  }
};

}  // namespace ffdl::k8s
