#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/time.h"

namespace ffdl::k8s {

using Labels = std::map<std::string, std::string, std::less<>>;

// metadata.ownerReferences[]; only what garbage collection and mapping to the owner need.
struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;

  friend bool operator==(const OwnerReference&, const OwnerReference&) = default;
};

// The part of metadata that a controller reads. managedFields are never kept.
struct ObjectMeta {
  ObjectKey key;
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
  Time creation_time{};
  std::optional<Time> deletion_time;
  Labels labels;
  Labels annotations;
  std::vector<OwnerReference> owners;

  friend bool operator==(const ObjectMeta&, const ObjectMeta&) = default;
};

// The owner that controls the object, or null: at most one reference may say so.
[[nodiscard]] inline const OwnerReference* ControllerOf(const ObjectMeta& meta) {
  for (const OwnerReference& owner : meta.owners) {
    if (owner.controller) return &owner;
  }
  return nullptr;
}

// The value of a label or annotation, or "" when it is not there.
[[nodiscard]] inline std::string_view ValueOr(const Labels& labels, std::string_view key,
                                              std::string_view otherwise = "") {
  const auto it = labels.find(key);
  return it == labels.end() ? otherwise : std::string_view(it->second);
}

}  // namespace ffdl::k8s
