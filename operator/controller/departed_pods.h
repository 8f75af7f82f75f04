#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "k8s-client/meta/workload.h"

namespace ffdl::server {

// Pods that are gone and that said why before they went: given up by their node, evicted,
// preempted. A StatefulSet puts another one into such a pod's place within milliseconds, and a pass
// that begins after that would see that a learner is gone, but not why. Each is kept until its
// successor has started, the last kMax of them.
//
// Thread-safe. Lost with the process: the next one says that a pod was lost, and not why.
class DepartedPods {
 public:
  static constexpr std::size_t kMax = 256;  // some 200 KiB

  // Each change of a pod, as a store tells it; `before` or `after` is null. At the time `now`.
  void OnChange(const k8s::Pod* before, const k8s::Pod* after, k8s::Time now);

  // Those that are controlled by one of these, in the order in which they went. Each has a time of
  // deletion.
  [[nodiscard]] std::vector<k8s::Pod> Of(std::span<const std::string_view> owner_uids) const;

 private:
  void Add(k8s::Pod pod, k8s::Time now);
  void ForgetForerunner(const k8s::Pod& pod);

  mutable std::mutex mutex_;
  std::deque<k8s::Pod> pods_;
};

}  // namespace ffdl::server
