// The tables of fields by which a cache holds TrainingJobs; see k8s-client/meta/compact.h.
#pragma once

#include "crds/v1/training_job.h"
#include "k8s-client/meta/compact_tables.h"

namespace ffdl::v1 {

using k8s::CompactFields;

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Mpi>& mpi) {
  codec.Value(mpi.slots_per_learner);
  codec.Value(mpi.start_timeout_seconds);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Framework>& framework) {
  codec.Value(framework.name);
  codec.Word(framework.version);
  codec.Word(framework.image);
  codec.Value(framework.mpi);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Resources>& resources) {
  codec.Word(resources.cpu);
  codec.Word(resources.memory);
  codec.Value(resources.gpus);
  codec.Word(resources.gpu_type);
  codec.Word(resources.shared_memory);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, ClaimReference>& claim) {
  codec.Value(claim.name);
  codec.Value(claim.sub_path);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, ObjectStore>& store) {
  codec.Word(store.endpoint);
  codec.Word(store.region);
  codec.Word(store.bucket);
  codec.Value(store.key);
  codec.Value(store.prefix);
  codec.Word(store.secret_name);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Code>& code) {
  codec.Value(code.config_map);
  codec.Value(code.claim);
  codec.Value(code.object_store);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, StorageRequest>& request) {
  codec.Word(request.size);
  codec.Value(request.access_modes);
  codec.Value(request.storage_class_name);
  codec.Value(request.when_finished);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Storage>& storage) {
  codec.Value(storage.shared);
  codec.Value(storage.per_learner);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Progress>& progress) {
  codec.Value(progress.timeout_seconds);
  codec.Value(progress.on_timeout);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Checkpoint>& checkpoint) {
  codec.Value(checkpoint.grace_period_seconds);
  codec.Value(checkpoint.command);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, NetworkPolicy>& policy) {
  codec.Value(policy.ingress);
  codec.Value(policy.egress);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, DisruptionBudget>& budget) {
  codec.Value(budget.max_unavailable);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Torchrun>& torchrun) {
  codec.Value(torchrun.max_restarts);
  codec.Value(torchrun.last_call_seconds);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Elastic>& elastic) {
  codec.Value(elastic.min_learners);
  codec.Value(elastic.max_learners);
  codec.Value(elastic.torchrun);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Role>& role) {
  codec.Word(role.name);
  codec.Value(role.replicas);
  codec.Value(role.completion_policy);
  codec.Word(role.image);
  codec.Value(role.command);
  codec.Value(role.args);
  codec.Value(role.env);
  codec.Value(role.resources);
  codec.Word(role.start_after);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, FailureRule>& rule) {
  codec.Value(rule.on_exit_codes);
  codec.Value(rule.on_reasons);
  codec.Value(rule.on_pod_conditions);
  codec.Value(rule.on_roles);
  codec.Value(rule.action);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, FailurePolicy>& policy) {
  codec.Value(policy.max_restarts);
  codec.Value(policy.max_infrastructure_restarts);
  codec.Value(policy.backoff_seconds);
  codec.Value(policy.restart_scope);
  codec.Value(policy.rules);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Scheduling>& scheduling) {
  codec.Word(scheduling.priority_class_name);
  codec.Value(scheduling.node_selector);
  codec.Value(scheduling.tolerations);
  codec.Value(scheduling.placement);
  codec.Word(scheduling.topology_key);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, TrainingJobSpec>& spec) {
  codec.Value(spec.description);
  codec.Value(spec.framework);
  codec.Value(spec.command);
  codec.Value(spec.args);
  codec.Value(spec.env);
  codec.Value(spec.code);
  codec.Value(spec.learners);
  codec.Value(spec.elastic);
  codec.Value(spec.roles);
  codec.Value(spec.resources);
  codec.Value(spec.results);
  codec.Value(spec.storage);
  codec.Value(spec.checkpoint);
  codec.Value(spec.progress);
  codec.Value(spec.network_policy);
  codec.Value(spec.disruption_budget);
  codec.Value(spec.completion_policy);
  codec.Value(spec.failure_policy);
  codec.Value(spec.suspend);
  codec.Value(spec.pending_deadline_seconds);
  codec.Value(spec.active_deadline_seconds);
  codec.Value(spec.ttl_seconds_after_finished);
  codec.Value(spec.scheduling);
  codec.Value(spec.pod_template);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, LearnerGroup>& group) {
  codec.Word(group.phase);
  codec.Word(group.reason);
  codec.Value(group.count);
  codec.Text(group.learners);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, LearnerDetail>& detail) {
  codec.Value(detail.learner);
  codec.Word(detail.role);
  codec.Word(detail.phase);
  codec.Word(detail.reason);
  codec.Word(detail.node);
  codec.Value(detail.exit_code);
  codec.Text(detail.message);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, LearnersStatus>& learners) {
  codec.Value(learners.desired);
  codec.Value(learners.ready);
  codec.Value(learners.succeeded);
  codec.Value(learners.failed);
  codec.Word(learners.summary);
  codec.Text(learners.selector);
  codec.Text(learners.pods_digest);
  codec.Text(learners.pods_version);
  codec.Text(learners.pods_of);
  codec.Value(learners.pods_created);
  codec.Text(learners.succeeded_ids);
  codec.Value(learners.phases);
  codec.Value(learners.details);
  codec.Value(learners.told_time);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, RoleStatus>& role) {
  codec.Word(role.name);
  codec.Value(role.desired);
  codec.Value(role.ready);
  codec.Value(role.succeeded);
  codec.Value(role.failed);
  codec.Value(role.phases);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, Failure>& failure) {
  codec.Value(failure.attempt);
  codec.Value(failure.learner);
  codec.Word(failure.role);
  codec.Word(failure.node);
  codec.Value(failure.exit_code);
  codec.Word(failure.reason);
  codec.Text(failure.message);
  codec.Text(failure.log);
  codec.Value(failure.time);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, AttemptRecord>& record) {
  codec.Value(record.attempt);
  codec.Value(record.request_time);
  codec.Value(record.start_time);
  codec.Value(record.end_time);
  codec.Word(record.reason);
  codec.Value(record.learner);
  codec.Word(record.role);
  codec.Word(record.node);
  codec.Value(record.exit_code);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, LearnerRestart>& restart) {
  codec.Value(restart.learner);
  codec.Word(restart.role);
  codec.Value(restart.restarts);
  codec.Word(restart.node);
  codec.Value(restart.exit_code);
  codec.Word(restart.reason);
  codec.Value(restart.time);
  codec.Value(restart.backoff_seconds);
  codec.Value(restart.restarting);
  codec.Text(restart.pod_uid);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, GpuSeconds>& seconds) {
  codec.Value(seconds.used);
  codec.Value(seconds.wasted);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, FrameworkStatus>& framework) {
  codec.Word(framework.entry);
  codec.Word(framework.image);
  codec.Value(framework.env);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, GpuType>& type) {
  codec.Word(type.type);
  codec.Word(type.resource);
  codec.Value(type.node_selector);
  codec.Value(type.taints);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, TrainingJobStatus>& status) {
  codec.Value(status.observed_generation);
  codec.Value(status.state);
  codec.Value(status.conditions);
  codec.Value(status.learners);
  codec.Value(status.roles);
  codec.Value(status.gpus);
  codec.Value(status.gpu_seconds);
  codec.Value(status.attempt);
  codec.Value(status.restarts);
  codec.Value(status.infrastructure_restarts);
  codec.Value(status.request_time);
  codec.Value(status.framework);
  codec.Value(status.gpu_types);
  codec.Value(status.start_time);
  codec.Value(status.attempt_start_time);
  codec.Value(status.completion_time);
  codec.Value(status.failure);
  codec.Value(status.history);
  codec.Value(status.avoided_nodes);
  codec.Value(status.learner_restarts);
}

template <typename Codec>
void VisitFields(Codec& codec, CompactFields<Codec, TrainingJob>& job) {
  codec.Value(job.meta);
  codec.Value(job.spec);
  codec.Value(job.status);
}

}  // namespace ffdl::v1
