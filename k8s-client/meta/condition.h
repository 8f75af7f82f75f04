#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s-client/meta/time.h"

namespace ffdl::k8s {

// metav1.Condition. `status` is "True", "False" or "Unknown".
struct Condition {
  std::string type;
  std::string status;
  std::string reason;   // one CamelCase word, never empty
  std::string message;  // one sentence for people
  std::int64_t observed_generation = 0;
  Time last_transition{};

  friend bool operator==(const Condition&, const Condition&) = default;
};

[[nodiscard]] inline const Condition* FindCondition(const std::vector<Condition>& conditions,
                                                    std::string_view type) {
  const auto it =
      std::ranges::find_if(conditions, [&](const Condition& c) { return c.type == type; });
  return it == conditions.end() ? nullptr : &*it;
}

[[nodiscard]] inline bool IsTrue(const std::vector<Condition>& conditions, std::string_view type) {
  const Condition* const found = FindCondition(conditions, type);
  return found != nullptr && found->status == "True";
}

// Adds or replaces the condition of `next.type`. The transition time moves only when `status` does
// (Kubernetes API conventions, "Typical status properties").
inline void SetCondition(std::vector<Condition>& conditions, Condition next) {
  const auto it =
      std::ranges::find_if(conditions, [&](const Condition& c) { return c.type == next.type; });
  if (it == conditions.end()) {
    conditions.push_back(std::move(next));
    return;
  }
  if (it->status == next.status) next.last_transition = it->last_transition;
  *it = std::move(next);
}

}  // namespace ffdl::k8s
