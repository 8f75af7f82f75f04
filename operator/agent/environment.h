// What the program of a learner finds in its environment.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operator/agent/template.h"

namespace ffdl::agent {

// "NAME=value" entries, in the order given.
class Environment {
 public:
  explicit Environment(std::vector<std::string> entries) : entries_(std::move(entries)) {}

  // nullptr-terminated, like environ.
  static Environment Of(const char* const* entries);

  [[nodiscard]] std::optional<std::string_view> Get(std::string_view name) const;
  // "" when it is not set.
  [[nodiscard]] std::string GetOrEmpty(std::string_view name) const;
  void Set(std::string_view name, std::string_view value);
  void RemoveByPrefix(std::string_view prefix);

  [[nodiscard]] const std::vector<std::string>& entries() const { return entries_; }

 private:
  std::vector<std::string> entries_;
};

// The ordinal of a StatefulSet's pod: 3 for "mnist-learner-3"; nothing for other names.
[[nodiscard]] std::optional<int> OrdinalOf(std::string_view pod_name);

// "" without one.
[[nodiscard]] std::string PodNameOf(const Environment& given);
// Nothing for a pod that is none of a StatefulSet.
[[nodiscard]] std::optional<Place> PlaceOf(const Environment& given);

using IsWritableDirectory = std::function<bool(const std::string& path)>;

// `given` is what the pod says. Added: LEARNER_ID, NAME for each template in FFDL_SET_NAME,
// MODEL_DIR first in PYTHONPATH, a HOME that can be written to if there is one. Taken away: what
// points at the API server, and our own variables.
[[nodiscard]] Environment ProgramEnvironment(Environment given,
                                             const IsWritableDirectory& is_writable);

// Folders that the program may expect, in the order in which they should be created.
[[nodiscard]] std::vector<std::string> ExpectedDirectories(const Environment& environment);

// "" when the pod keeps no log.
[[nodiscard]] std::string TrainingLogPath(const Environment& environment);

}  // namespace ffdl::agent
