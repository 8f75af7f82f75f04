#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s-client/informer/cache_view.h"

namespace ffdl::test {

// A cache whose progress the test decides.
class FakeCache final : public k8s::CacheView {
 public:
  explicit FakeCache(const k8s::ResourceType& type, std::string label_selector = "")
      : type_(type), label_selector_(std::move(label_selector)) {}

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
  [[nodiscard]] std::string_view label_selector() const override { return label_selector_; }
  [[nodiscard]] std::optional<k8s::ObjectVersion> VersionOf(
      const k8s::ObjectKey& key) const override {
    const auto it = uids_.find(key);
    if (it == uids_.end()) return std::nullopt;
    return k8s::ObjectVersion{.uid = it->second, .resource_version = object_version};
  }
  [[nodiscard]] std::chrono::nanoseconds heard_at() const override { return heard; }
  [[nodiscard]] std::chrono::nanoseconds restored_at() const override { return restored; }
  void ForEachObject(const std::function<void(const k8s::ObjectMeta&)>& use) const override {
    for (const auto& [key, uid] : uids_) {
      use({.key = key, .uid = uid, .resource_version = object_version});
    }
  }
  void RequestRefill() override { ++refills_requested; }
  void OnProgress(std::function<void()> progress) override {
    progress_handlers_.push_back(std::move(progress));
  }

  int refills_requested = 0;
  std::string object_version = "5";                       // of every object held
  std::chrono::nanoseconds heard{std::chrono::hours(1)};  // when a VirtualTime begins
  std::chrono::nanoseconds restored{0};

 private:
  const k8s::ResourceType type_;
  const std::string label_selector_;
  std::string version_ = "10";
  std::map<k8s::ObjectKey, std::string> uids_;
  std::vector<std::function<void()>> progress_handlers_;
};

}  // namespace ffdl::test
