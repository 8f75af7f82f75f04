#include "operator/controller/departed_pods.h"

#include <algorithm>
#include <utility>

namespace ffdl::server {
namespace {

bool SaysWhy(const k8s::Pod& pod) {
  return pod.phase == "Failed" || !pod.disruption_reason.empty();
}

bool HasStarted(const k8s::Pod& pod) {
  return std::ranges::any_of(pod.containers, [](const k8s::ContainerStatus& container) {
    return container.running || container.terminated;
  });
}

}  // namespace

void DepartedPods::OnChange(const k8s::Pod* before, const k8s::Pod* after, k8s::Time now) {
  if (after == nullptr) {
    if (before != nullptr && SaysWhy(*before)) Add(*before, now);
  } else if (HasStarted(*after)) {
    ForgetForerunner(*after);
  }
}

void DepartedPods::Add(k8s::Pod pod, k8s::Time now) {
  if (!pod.meta.deletion_time) pod.meta.deletion_time = now;
  const std::lock_guard lock(mutex_);
  if (pods_.size() == kMax) pods_.pop_front();
  pods_.push_back(std::move(pod));
}

void DepartedPods::ForgetForerunner(const k8s::Pod& pod) {
  const std::lock_guard lock(mutex_);
  std::erase_if(pods_, [&](const k8s::Pod& gone) {
    return gone.meta.key == pod.meta.key && gone.meta.uid != pod.meta.uid;
  });
}

std::vector<k8s::Pod> DepartedPods::Of(std::span<const std::string_view> owner_uids) const {
  const std::lock_guard lock(mutex_);
  std::vector<k8s::Pod> found;
  for (const k8s::Pod& pod : pods_) {
    const k8s::OwnerReference* const owner = k8s::ControllerOf(pod.meta);
    if (owner != nullptr && std::ranges::count(owner_uids, owner->uid) > 0) found.push_back(pod);
  }
  return found;
}

}  // namespace ffdl::server
