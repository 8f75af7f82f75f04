#include "operator/controller/last_words.h"

#include <algorithm>
#include <utility>

#include "reconcilers/training_job/departures.h"

namespace ffdl::server {

void LastWords::OnChange(const k8s::Pod& pod, k8s::Time now) {
  if (training_job::SaysWhy(pod)) {
    Keep(pod, now);
  } else if (training_job::HasStarted(pod)) {
    ForgetForerunner(pod);
  }
}

void LastWords::Keep(k8s::Pod pod, k8s::Time now) {
  if (!pod.meta.deletion_time) pod.meta.deletion_time = now;
  const std::lock_guard lock(mutex_);
  const auto same = std::ranges::find_if(
      pods_, [&](const k8s::Pod& kept) { return kept.meta.uid == pod.meta.uid; });
  if (same != pods_.end()) {
    *same = std::move(pod);
    return;
  }
  if (pods_.size() == kMax) pods_.pop_front();
  pods_.push_back(std::move(pod));
}

void LastWords::ForgetForerunner(const k8s::Pod& pod) {
  const std::lock_guard lock(mutex_);
  std::erase_if(pods_, [&](const k8s::Pod& gone) {
    return gone.meta.key == pod.meta.key && gone.meta.uid != pod.meta.uid;
  });
}

std::vector<k8s::Pod> LastWords::Of(std::span<const std::string_view> owner_uids) const {
  const std::lock_guard lock(mutex_);
  std::vector<k8s::Pod> found;
  for (const k8s::Pod& pod : pods_) {
    const k8s::OwnerReference* const owner = k8s::ControllerOf(pod.meta);
    if (owner != nullptr && std::ranges::count(owner_uids, owner->uid) > 0) found.push_back(pod);
  }
  return found;
}

}  // namespace ffdl::server
