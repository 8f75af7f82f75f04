// Parts of a pod template.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ffdl::training_job {

// As the user may have left them: missing, or not what they should be, which is then begun anew
// where we add to it, or else refused by the API server in its own words.
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

inline nlohmann::json Mount(std::string_view volume, std::string_view path) {
  return {{"name", volume}, {"mountPath", path}};
}

inline nlohmann::json ClaimVolume(std::string_view name, const std::string& claim) {
  return {{"name", name}, {"persistentVolumeClaim", {{"claimName", claim}}}};
}

inline nlohmann::json EmptyDir(std::string_view name) {
  return {{"name", name}, {"emptyDir", nlohmann::json::object()}};
}

}  // namespace ffdl::training_job
