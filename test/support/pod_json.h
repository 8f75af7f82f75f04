#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace ffdl::test {

// A pod as the API server writes it, with the defaults of a learner that runs.
class PodJson {
 public:
  explicit PodJson(const std::string& name) {
    json_ = {{"kind", "Pod"},
             {"apiVersion", "v1"},
             {"metadata",
              {{"name", name},
               {"namespace", "ml"},
               {"uid", "uid-" + name},
               {"resourceVersion", "10"},
               {"creationTimestamp", "2026-01-02T03:04:05Z"}}},
             {"spec", {{"nodeName", "gpu-a-07"}}},
             {"status", {{"phase", "Running"}}}};
  }

  PodJson& Version(std::int64_t version) {
    json_["metadata"]["resourceVersion"] = std::to_string(version);
    return *this;
  }
  PodJson& Uid(const std::string& uid) { return json_["metadata"]["uid"] = uid, *this; }
  PodJson& Phase(const std::string& phase) { return json_["status"]["phase"] = phase, *this; }
  PodJson& OwnedBy(const std::string& uid) {
    json_["metadata"]["ownerReferences"] = nlohmann::json::array({{{"apiVersion", "apps/v1"},
                                                                   {"kind", "StatefulSet"},
                                                                   {"name", "bert-learner"},
                                                                   {"uid", uid},
                                                                   {"controller", true}}});
    return *this;
  }
  PodJson& Deleting() {
    json_["metadata"]["deletionTimestamp"] = "2026-01-02T04:00:00Z";
    return *this;
  }
  // Anything else, by JSON pointer.
  PodJson& Set(const std::string& pointer, nlohmann::json value) {
    json_[nlohmann::json::json_pointer(pointer)] = std::move(value);
    return *this;
  }

  [[nodiscard]] std::string Text() const { return json_.dump(); }
  // One line of a watch.
  [[nodiscard]] std::string Event(const std::string& type) const {
    return R"({"type":")" + type + R"(","object":)" + Text() + "}";
  }

 private:
  nlohmann::json json_;
};

inline std::string BookmarkLine(std::int64_t version, bool ends_fill) {
  nlohmann::json object{
      {"kind", "Pod"},
      {"apiVersion", "v1"},
      {"metadata", {{"resourceVersion", std::to_string(version)}, {"creationTimestamp", nullptr}}}};
  if (ends_fill) object["metadata"]["annotations"] = {{"k8s.io/initial-events-end", "true"}};
  return nlohmann::json{{"type", "BOOKMARK"}, {"object", object}}.dump();
}

inline std::string ErrorLine(int code, const std::string& reason, const std::string& message) {
  return nlohmann::json{{"type", "ERROR"},
                        {"object",
                         {{"kind", "Status"},
                          {"apiVersion", "v1"},
                          {"status", "Failure"},
                          {"code", code},
                          {"reason", reason},
                          {"message", message}}}}
      .dump();
}

}  // namespace ffdl::test
