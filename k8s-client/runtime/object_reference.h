#pragma once

#include <string>

#include "k8s-client/meta/object_key.h"

namespace ffdl::k8s {

// core/v1 ObjectReference: which object an event is about.
struct ObjectReference {
  std::string api_version;  // "ffdl.io/v1"
  std::string kind;
  ObjectKey key;
  std::string uid;

  friend bool operator==(const ObjectReference&, const ObjectReference&) = default;
};

}  // namespace ffdl::k8s
