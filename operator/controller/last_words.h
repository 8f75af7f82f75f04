#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "k8s-client/meta/workload.h"

namespace ffdl::server {

// What pods said of why they go: given up by their node, evicted, preempted. A StatefulSet puts
// another one into such a pod's place within milliseconds, and a pass that begins after that would
// see that a learner is gone, but not why. Each is kept until its successor has started, the last
// kMax of them. It is kept as soon as it is said, because between the moment in which a store drops
// a pod and that in which it tells of it a pass may look.
//
// Thread-safe. Lost with the process: the next one says that a pod was lost, and not why.
class LastWords {
 public:
  static constexpr std::size_t kMax = 256;  // some 200 KiB

  // A pod has changed so, at the time `now`.
  void OnChange(const k8s::Pod& pod, k8s::Time now);

  // The pods that are controlled by one of these and have said why they go, in the order in which
  // they did. Each has a time of deletion, whether or not it is gone yet.
  [[nodiscard]] std::vector<k8s::Pod> Of(std::span<const std::string_view> owner_uids) const;

 private:
  void Keep(k8s::Pod pod, k8s::Time now);
  void ForgetForerunner(const k8s::Pod& pod);

  mutable std::mutex mutex_;
  std::deque<k8s::Pod> pods_;
};

}  // namespace ffdl::server
