// Parts of a pod template as the user may have left them: missing, or not what they should be,
// which is then begun anew where we add to it, or else refused by the API server in its own words.
#pragma once

#include <nlohmann/json.hpp>

namespace ffdl::training_job {

inline nlohmann::json& ObjectAt(nlohmann::json& parent, const char* key) {
  nlohmann::json& value = parent[key];
  if (!value.is_object()) value = nlohmann::json::object();
  return value;
}

inline nlohmann::json& ArrayAt(nlohmann::json& parent, const char* key) {
  nlohmann::json& value = parent[key];
  if (!value.is_array()) value = nlohmann::json::array();
  return value;
}

}  // namespace ffdl::training_job
