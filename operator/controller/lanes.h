// How urgent a pass is, by the change that asks for it.
#pragma once

#include "crds/v1/training_job.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/workload.h"
#include "k8s-client/runtime/fair_lanes.h"

namespace ffdl::server {

// What changed; null for what was not there before, or is no more.
template <typename T>
struct Change {
  const T* before = nullptr;
  const T* after = nullptr;
  bool first_fill = false;  // seen for the first time, while a cache is filled at the start
};

[[nodiscard]] k8s::Lane LaneOf(const Change<v1::TrainingJob>& change);
// A learner that fails is urgent: its job is to be told or to be started again.
[[nodiscard]] k8s::Lane LaneOf(const Change<k8s::Pod>& change);

// Deletion is urgent, for any object.
[[nodiscard]] k8s::Lane LaneOf(const Change<k8s::ObjectMeta>& change);

template <typename T>
[[nodiscard]] Change<k8s::ObjectMeta> MetaOf(const Change<T>& change) {
  return {.before = change.before != nullptr ? &change.before->meta : nullptr,
          .after = change.after != nullptr ? &change.after->meta : nullptr,
          .first_fill = change.first_fill};
}

template <typename T>
[[nodiscard]] k8s::Lane LaneOf(const Change<T>& change) {
  return LaneOf(MetaOf(change));
}

}  // namespace ffdl::server
