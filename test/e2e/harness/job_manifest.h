#pragma once

#include <string>
#include <utility>

#include "test/e2e/harness/json.h"

namespace ffdl::e2e {

inline constexpr const char* kBusybox = "localhost/busybox:1";

// A TrainingJob as a user would write it: one learner of busybox, unless more is said.
class JobManifest {
 public:
  JobManifest(const std::string& name, const std::string& script)
      : json_{{"apiVersion", "ffdl.io/v1"},
              {"kind", "TrainingJob"},
              {"metadata", {{"name", name}}},
              {"spec",
               {{"framework", {{"image", kBusybox}}},
                {"command", Json::array({"sh", "-c", script})}}}} {}

  // `value` at a path below spec, such as "/failurePolicy/maxRestarts".
  JobManifest& Set(const std::string& path, Json value) {
    json_["spec"][Json::json_pointer(path)] = std::move(value);
    return *this;
  }
  JobManifest& Learners(int count) { return Set("/learners", count); }
  JobManifest& MaxRestarts(int count) { return Set("/failurePolicy/maxRestarts", count); }
  JobManifest& SharedStorage() { return Set("/storage/shared/size", "16Mi"); }
  JobManifest& StorageOfEachLearner() { return Set("/storage/perLearner/size", "16Mi"); }
  JobManifest& ResultsIn(const std::string& claim) { return Set("/results/claim/name", claim); }

  [[nodiscard]] const Json& json() const { return json_; }

 private:
  Json json_;
};

// A claim that a user makes; the class is the cluster's default if none is named.
[[nodiscard]] inline Json ClaimManifest(const std::string& name,
                                        const std::string& storage_class = "") {
  Json claim = {{"apiVersion", "v1"},
                {"kind", "PersistentVolumeClaim"},
                {"metadata", {{"name", name}}},
                {"spec",
                 {{"accessModes", Json::array({"ReadWriteMany"})},
                  {"resources", {{"requests", {{"storage", "16Mi"}}}}}}}};
  if (!storage_class.empty()) claim["spec"]["storageClassName"] = storage_class;
  return claim;
}

}  // namespace ffdl::e2e
