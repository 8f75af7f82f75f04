#include "benchmark/micro/fixtures.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "crds/v1/json.h"
#include "crds/v1/names.h"
#include "k8s-client/informer/readers.h"
#include "reconcilers/training_job/desired.h"
#include "reconcilers/training_job/plan.h"

namespace ffdl::benchmarks {
namespace {

using nlohmann::json;

constexpr const char* kCreated = "2026-03-01T10:00:00Z";
constexpr const char* kStarted = "2026-03-01T10:00:05Z";
constexpr const char* kEnded = "2026-03-01T10:30:00Z";
constexpr const char* kSetUid = "5d0cbb8a-6c3e-4d5f-9a57-0a5b8d1a7c11";

template <typename T>
T Must(k8s::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

// What server-side apply keeps of every writer: a tree of the fields, about as long as the object.
json Fields(const json& value) {
  json fields = json::object();
  if (!value.is_object()) return fields;
  for (const auto& [key, inner] : value.items()) {
    if (inner.is_array()) {
      json& list = fields["f:" + key] = json::object();
      for (const json& item : inner) {
        if (!item.is_object()) continue;
        list["k:" + json{{"name", item.value("name", "x")}}.dump()] = Fields(item);
      }
    } else {
      fields["f:" + key] = Fields(inner);
    }
  }
  return fields;
}

json ManagedBy(const char* manager, const char* operation, const json& object, const char* part) {
  return {{"manager", manager},
          {"operation", operation},
          {"apiVersion", "v1"},
          {"time", "2026-03-01T10:00:00Z"},
          {"fieldsType", "FieldsV1"},
          {"fieldsV1", {{std::string("f:") + part, Fields(object.at(part))}}}};
}

json BareJob(int learners) {
  return {{"apiVersion", v1::kApiVersion},
          {"kind", v1::kTrainingJobType.kind},
          {"metadata",
           {{"name", "bert-large"},
            {"namespace", "team-vision"},
            {"uid", "0b8f6c46-4f0b-4bb5-8d1c-6f2f4e0a1d01"},
            {"resourceVersion", "481516"},
            {"generation", 1},
            {"creationTimestamp", kCreated},
            {"labels", {{"team", "vision"}, {"experiment", "e-2041"}}}}},
          {"spec",
           {{"description", "BERT large, sequence length 512"},
            {"framework", {{"name", "pytorch"}, {"image", "registry.example.com/torch:2.7"}}},
            {"command", {"python", "-m", "train"}},
            {"args", {"--epochs", "3", "--batch-size", "256", "--amp", "bf16"}},
            {"env",
             {{{"name", "NCCL_DEBUG"}, {"value", "WARN"}},
              {{"name", "OMP_NUM_THREADS"}, {"value", "8"}}}},
            {"code", {{"configMap", {{"name", "bert-code"}}}}},
            {"learners", learners},
            {"resources", {{"cpu", "8"}, {"memory", "64Gi"}, {"gpus", 4}, {"sharedMemory", "8Gi"}}},
            {"results", {{"claim", {{"name", "results"}, {"subPath", "bert"}}}}},
            {"completionPolicy", "AllLearners"},
            {"failurePolicy", {{"maxRestarts", 3}}}}},
          {"status", {{"observedGeneration", -1}}}};
}

json LearnerStatus(const v1::TrainingJob& job, Stage stage) {
  json state = {{"waiting", {{"reason", "PodInitializing"}}}};
  if (stage == Stage::kRunning) state = {{"running", {{"startedAt", kStarted}}}};
  if (stage == Stage::kSucceeded) {
    state = {{"terminated",
              {{"exitCode", 0},
               {"reason", "Completed"},
               {"startedAt", kStarted},
               {"finishedAt", kEnded},
               {"containerID", "containerd://" + std::string(64, 'a')},
               {"message", R"({"log":"epoch 3: loss 0.0412\nsaved model\n"})"}}}};
  }
  return {{"name", "learner"},
          {"image", job.spec.framework.image},
          {"imageID", job.spec.framework.image + "@sha256:" + std::string(64, 'b')},
          {"containerID", "containerd://" + std::string(64, 'a')},
          {"ready", stage == Stage::kRunning},
          {"restartCount", 0},
          {"state", std::move(state)}};
}

json PodStatus(const v1::TrainingJob& job, Stage stage) {
  json conditions = json::array();
  for (const char* type :
       {"PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"}) {
    conditions.push_back({{"type", type},
                          {"status", "True"},
                          {"lastProbeTime", nullptr},
                          {"lastTransitionTime", kStarted}});
  }
  const json end = {{"exitCode", 0}, {"reason", "Completed"}, {"finishedAt", kStarted}};
  return {{"phase", stage == Stage::kStarting ? "Pending" : "Running"},
          {"conditions", std::move(conditions)},
          {"hostIP", "10.0.7.12"},
          {"podIP", "10.244.7.33"},
          {"podIPs", {{{"ip", "10.244.7.33"}}}},
          {"qosClass", "Guaranteed"},
          {"startTime", kCreated},
          {"initContainerStatuses",
           {{{"name", "setup"},
             {"image", OperatorSettings().agent_image},
             {"imageID", OperatorSettings().agent_image + "@sha256:" + std::string(64, 'c')},
             {"ready", true},
             {"restartCount", 0},
             {"state", {{"terminated", end}}}}}},
          {"containerStatuses", {LearnerStatus(job, stage)}}};
}

}  // namespace

const training_job::Settings& OperatorSettings() {
  static const training_job::Settings settings{.agent_image = "registry.example.com/ffdl:0.1.0"};
  return settings;
}

k8s::Time Now() { return k8s::ParseTime("2026-03-01T11:00:00Z").value(); }

std::string JobText(int learners, Stage stage) {
  json job = BareJob(learners);
  if (stage != Stage::kNew) {
    const v1::TrainingJob fresh = Job(learners, Stage::kNew);
    const k8s::Plan plan = Decide(fresh, Children(fresh, stage), OperatorSettings(), Now());
    job["status"] = plan.status.value().body["status"];
  }
  job["metadata"]["managedFields"] = {ManagedBy("kubectl", "Apply", job, "spec"),
                                      ManagedBy("ffdl-operator", "Apply", job, "status")};
  return job.dump();
}

std::string PodText(const v1::TrainingJob& job, int ordinal, Stage stage) {
  json pod = training_job::DesiredLearners(job, v1::Roles(job.spec)[0], OperatorSettings(), 1,
                                           job.spec.learners)["spec"]["template"];
  const std::string set = v1::LearnersName(job.meta.key.name);
  const std::string name = set + "-" + std::to_string(ordinal);
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  json& meta = pod["metadata"];
  meta["name"] = name;
  meta["generateName"] = set + "-";
  meta["namespace"] = job.meta.key.ns;
  meta["uid"] = "9c1d2f3e-7a4b-4c5d-8e6f-" + std::to_string(100'000'000'000 + ordinal);
  meta["resourceVersion"] = std::to_string(500'000 + ordinal);
  meta["creationTimestamp"] = kCreated;
  meta["labels"]["apps.kubernetes.io/pod-index"] = std::to_string(ordinal);
  meta["labels"]["statefulset.kubernetes.io/pod-name"] = name;
  meta["labels"]["controller-revision-hash"] = set + "-7c9d8b6f5d";
  meta["ownerReferences"] = {{{"apiVersion", "apps/v1"},
                              {"kind", "StatefulSet"},
                              {"name", set},
                              {"uid", kSetUid},
                              {"controller", true},
                              {"blockOwnerDeletion", true}}};
  pod["spec"]["nodeName"] = "gpu-a-07";
  pod["spec"]["hostname"] = name;
  pod["spec"]["subdomain"] = set;
  pod["status"] = PodStatus(job, stage);
  meta["managedFields"] = {ManagedBy("kube-controller-manager", "Update", pod, "spec"),
                           ManagedBy("kubelet", "Update", pod, "status")};
  return pod.dump();
}

v1::TrainingJob Job(int learners, Stage stage) {
  return Must(v1::ParseTrainingJob(JobText(learners, stage)));
}

training_job::Observed Children(const v1::TrainingJob& job, Stage stage) {
  training_job::Observed observed;
  if (stage == Stage::kNew) return observed;
  const auto read = [&](auto reader, json object, const char* uid) {
    object["metadata"]["uid"] = uid;
    object["metadata"]["generation"] = 1;
    object["status"] = {{"observedGeneration", 1}, {"replicas", job.spec.learners}};
    k8s::PaddedBuffer buffer;
    return Must(reader(buffer.Adopt(object.dump())));
  };
  observed.service = read(&k8s::ReadService, training_job::DesiredService(job), "a-service");
  observed.learner_sets[0] =
      read(&k8s::ReadStatefulSet,
           training_job::DesiredLearners(job, v1::Roles(job.spec)[0], OperatorSettings(), 1,
                                         job.spec.learners),
           kSetUid);
  // One is read and the others are made of it, because there may be thousands.
  k8s::PaddedBuffer buffer;
  observed.pods.push_back(Must(k8s::ReadPod(buffer.Adopt(PodText(job, 0, stage)))));
  const std::string set = v1::LearnersName(job.meta.key.name);
  for (int i = 1; i < job.spec.learners; ++i) {
    k8s::Pod& pod = observed.pods.emplace_back(k8s::Pod(observed.pods.front()));
    pod.meta.key.name = set + "-" + std::to_string(i);
    pod.meta.uid = "9c1d2f3e-7a4b-4c5d-8e6f-" + std::to_string(100'000'000'000 + i);
    pod.meta.resource_version = std::to_string(500'000 + i);
  }
  return observed;
}

}  // namespace ffdl::benchmarks
