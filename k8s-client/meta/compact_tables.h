// The tables of fields by which caches hold the types of k8s-client/meta; see compact.h. The key
// and the resource version of an object are the cache's own business and not in its table.
#pragma once

#include "k8s-client/meta/compact.h"
#include "k8s-client/meta/condition.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/workload.h"

namespace ffdl::k8s {

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, OwnerReference>& owner) {
  codec.Word(owner.api_version);
  codec.Word(owner.kind);
  codec.Text(owner.name);
  codec.Uid(owner.uid);
  codec.Value(owner.controller);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, ObjectMeta>& meta) {
  codec.Uid(meta.uid);
  codec.Value(meta.generation);
  codec.Value(meta.creation_time);
  codec.Value(meta.deletion_time);
  codec.Value(meta.owners);  // before the labels, which repeat names
  codec.Value(meta.labels);
  codec.Value(meta.annotations);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Condition>& condition) {
  codec.Word(condition.type);
  codec.Word(condition.status);
  codec.Word(condition.reason);
  codec.Text(condition.message);
  codec.Value(condition.observed_generation);
  codec.Value(condition.last_transition);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, ContainerEnd>& end) {
  codec.Value(end.exit_code);
  codec.Value(end.signal);
  codec.Word(end.reason);
  codec.Text(end.message);
  codec.Value(end.finished_at);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, ContainerStatus>& status) {
  codec.Word(status.name);
  codec.Value(status.running);
  codec.Value(status.ready);
  codec.Value(status.started_at);
  codec.Word(status.waiting_reason);
  codec.Text(status.waiting_message);
  codec.Value(status.terminated);
  codec.Value(status.last_terminated);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Pod>& pod) {
  codec.Value(pod.meta);
  codec.Word(pod.node);
  codec.Word(pod.phase);
  codec.Word(pod.reason);
  codec.Text(pod.message);
  codec.Word(pod.unscheduled_reason);
  codec.Text(pod.unscheduled_message);
  codec.Word(pod.disruption_reason);
  codec.Value(pod.conditions);
  codec.Value(pod.init_containers);
  codec.Value(pod.containers);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, StatefulSet>& set) {
  codec.Value(set.meta);
  codec.Value(set.replicas);
  codec.Value(set.template_labels);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Service>& service) {
  codec.Value(service.meta);
  codec.Value(service.selector);
  codec.Value(service.publishes_not_ready);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Policy>& policy) {
  codec.Value(policy.meta);
  codec.Value(policy.spec);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Claim>& claim) {
  codec.Value(claim.meta);
  codec.Word(claim.phase);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, ConfigMap>& map) {
  codec.Value(map.meta);
  codec.Value(map.data);
}

}  // namespace ffdl::k8s
