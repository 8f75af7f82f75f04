#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/meta/time.h"

namespace ffdl::k8s {

// The spec of a coordination.k8s.io/v1 Lease.
struct LeaseRecord {
  std::string holder;  // "" when it was given back
  std::chrono::seconds duration{0};
  Time acquired_at{};
  Time renewed_at{};
  std::int64_t transitions = 0;  // how often the holder has changed

  friend bool operator==(const LeaseRecord&, const LeaseRecord&) = default;
};

struct StoredLease {
  LeaseRecord record;
  std::string version;
};

// Fields that are missing or null take their defaults: kubectl creates such leases.
[[nodiscard]] Result<StoredLease> ParseLease(std::string_view text);

// The body of a create (`version` is "") or of an update of exactly that version.
[[nodiscard]] nlohmann::json LeaseBody(const ObjectKey& key, std::string_view version,
                                       const LeaseRecord& record);

}  // namespace ffdl::k8s
