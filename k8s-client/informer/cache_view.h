#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/resource_type.h"

namespace ffdl::k8s {

// What can be asked of the cache of one type without knowing what it holds. Thread-safe but for
// OnProgress.
class CacheView {
 public:
  virtual ~CacheView() = default;

  [[nodiscard]] virtual const ResourceType& type() const = 0;

  // The cache shows everything that happened up to this version, and maybe more. "" before the
  // first fill.
  [[nodiscard]] virtual std::string resource_version() const = 0;

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
