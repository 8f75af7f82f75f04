#include "operator/controller/lanes.h"

#include <algorithm>

namespace ffdl::server {
namespace {

using k8s::Lane;

bool HasFailed(const k8s::Pod* pod) {
  if (pod == nullptr) return false;
  return pod->phase == "Failed" ||
         std::ranges::any_of(pod->containers, [](const k8s::ContainerStatus& container) {
           return container.terminated && container.terminated->exit_code != 0;
         });
}

}  // namespace

Lane LaneOf(const Change<k8s::ObjectMeta>& change) {
  if (change.first_fill) return Lane::kBackground;
  if (change.after == nullptr) return Lane::kUrgent;
  const bool was_going = change.before != nullptr && change.before->deletion_time;
  return change.after->deletion_time && !was_going ? Lane::kUrgent : Lane::kChild;
}

Lane LaneOf(const Change<v1::TrainingJob>& change) {
  const Lane lane = LaneOf(MetaOf(change));
  if (lane != Lane::kChild) return lane;
  // Our own status write comes back as a change, too. It is looked at, because a decision that was
  // written first is carried out by the next pass, but nobody waits for it as for an edit.
  const bool edited =
      change.before == nullptr || change.before->meta.generation != change.after->meta.generation;
  return edited ? Lane::kSpec : Lane::kChild;
}

Lane LaneOf(const Change<k8s::Pod>& change) {
  const Lane lane = LaneOf(MetaOf(change));
  if (lane != Lane::kChild) return lane;
  return HasFailed(change.after) && !HasFailed(change.before) ? Lane::kUrgent : Lane::kChild;
}

}  // namespace ffdl::server
