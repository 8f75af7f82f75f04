#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s-client/informer/cache_view.h"

namespace ffdl::test {

// A cache whose progress the test decides.
class FakeCache final : public k8s::CacheView {
 public:
  explicit FakeCache(const k8s::ResourceType& type) : type_(type) {}

  void AdvanceTo(std::string version) {
    version_ = std::move(version);
    for (const auto& progress : progress_handlers_) progress();
  }
  void Hold(const k8s::ObjectKey& key, const std::string& uid) { uids_[key] = uid; }
  void Drop(const k8s::ObjectKey& key) {
    uids_.erase(key);
    for (const auto& progress : progress_handlers_) progress();
  }

  [[nodiscard]] const k8s::ResourceType& type() const override { return type_; }
  [[nodiscard]] std::string resource_version() const override { return version_; }
  [[nodiscard]] bool DeletionSeen(const k8s::ObjectKey& key, std::string_view uid) const override {
    const auto it = uids_.find(key);
    return it == uids_.end() || it->second != uid;
  }
  void RequestRefill() override { ++refills_requested; }
  void OnProgress(std::function<void()> progress) override {
    progress_handlers_.push_back(std::move(progress));
  }

  int refills_requested = 0;

 private:
  const k8s::ResourceType type_;
  std::string version_ = "10";
  std::map<k8s::ObjectKey, std::string> uids_;
  std::vector<std::function<void()>> progress_handlers_;
};

}  // namespace ffdl::test
