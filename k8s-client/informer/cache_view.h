#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/resource_type.h"

namespace ffdl::k8s {

// Which state of which object: the uid tells it from others of its name.
struct ObjectVersion {
  std::string uid;
  std::string resource_version;

  friend bool operator==(const ObjectVersion&, const ObjectVersion&) = default;
};

// What can be asked of the cache of one type without knowing what it holds. Thread-safe but for
// OnProgress.
class CacheView {
 public:
  virtual ~CacheView() = default;

  [[nodiscard]] virtual const ResourceType& type() const = 0;

  // What the cache holds of its type: objects with other labels never appear in it. "" for all.
  [[nodiscard]] virtual std::string_view label_selector() const = 0;

  // The cache shows everything that happened up to this version, and maybe more. "" before the
  // first fill.
  [[nodiscard]] virtual std::string resource_version() const = 0;

  // The object as the cache shows it.
  [[nodiscard]] virtual std::optional<ObjectVersion> VersionOf(const ObjectKey& key) const = 0;

  // Every object that can be read, in the order of keys; under the cache's lock, so it must be
  // short.
  virtual void ForEachObject(const std::function<void(const ObjectMeta&)>& use) const = 0;

  // When the server last said anything, a bookmark included; on Clock::Steady. A healthy watch is
  // never silent for much more than a minute. Zero before the first fill.
  [[nodiscard]] virtual std::chrono::nanoseconds heard_at() const = 0;
  // When the cache last had to go back in time, because the server's state had been restored; zero
  // for never.
  [[nodiscard]] virtual std::chrono::nanoseconds restored_at() const = 0;

  // Whether the object with this uid is gone from the cache or marked as being deleted.
  [[nodiscard]] virtual bool DeletionSeen(const ObjectKey& key, std::string_view uid) const = 0;

  // Fills the cache again with what the server has now. Does nothing while it is being filled
  // anyway.
  virtual void RequestRefill() = 0;

  // `progress` is called on the cache's loop each time resource_version() may have risen, after the
  // change handlers. To be called before the cache is started.
  virtual void OnProgress(std::function<void()> progress) = 0;
};

}  // namespace ffdl::k8s
