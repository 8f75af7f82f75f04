#include "benchmark/micro/large_jobs.h"

#include <nlohmann/json.hpp>
#include <string>

#include "benchmark/micro/fixtures.h"
#include "crds/v1/conditions.h"

namespace ffdl::benchmarks {
namespace {

void MakeWait(k8s::Pod& pod) {
  pod.node.clear();
  pod.phase = "Pending";
  pod.init_containers.clear();
  pod.containers.clear();
  pod.unscheduled_reason = "Unschedulable";
  pod.unscheduled_message =
      "0/5000 nodes are available: 12 node(s) had untolerated taint {dedicated: batch}, 4988 "
      "Insufficient nvidia.com/gpu. preemption: 0/5000 nodes are available.";
}

void MakeFail(k8s::Pod& pod) {
  const nlohmann::json report = {{"log", std::string(3000, 'x')}};
  pod.node = std::string(253, 'n');
  pod.containers.at(0).running = false;
  pod.containers.at(0).terminated = k8s::ContainerEnd{
      .exit_code = 1, .reason = "Error", .message = report.dump(), .finished_at = Now()};
}

}  // namespace

training_job::Observed WaitingChildren(const v1::TrainingJob& job) {
  training_job::Observed observed = Children(job, Stage::kStarting);
  for (k8s::Pod& pod : observed.pods) MakeWait(pod);
  return observed;
}

v1::TrainingJob WeatheredJob(int learners) {
  v1::TrainingJob job = Job(learners, Stage::kRunning);
  job.spec.failure_policy.max_restarts = 0;
  job.status.gpu_seconds = v1::GpuSeconds{};
  for (int i = 1; i <= static_cast<int>(v1::kHistoryMax); ++i) {
    job.status.history.push_back({.attempt = i,
                                  .request_time = Now(),
                                  .start_time = Now(),
                                  .end_time = Now(),
                                  .reason = std::string(v1::reason::kNodeLost),
                                  .learner = learners,
                                  .role = std::string(20, 'r'),
                                  .node = std::string(253, 'n'),
                                  .exit_code = 137});
    job.status.avoided_nodes.emplace_back(253, 'n');
  }
  return job;
}

training_job::Observed FailingChildren(const v1::TrainingJob& job) {
  training_job::Observed observed = Children(job, Stage::kRunning);
  bool fails = false;
  for (k8s::Pod& pod : observed.pods) {
    fails = !fails;
    fails ? MakeFail(pod) : MakeWait(pod);
  }
  return observed;
}

}  // namespace ffdl::benchmarks
