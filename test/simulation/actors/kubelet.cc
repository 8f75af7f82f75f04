#include "test/simulation/actors/kubelet.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "crds/v1/conditions.h"
#include "crds/v1/names.h"
#include "operator/agent/termination.h"

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;

// Until a node that is silent has its pods deleted, and until those are given up.
constexpr std::chrono::seconds kNodeGrace{40};
constexpr std::chrono::seconds kGivenUpAfter{300};

int AttemptOf(const Stored& pod) {
  return std::stoi(
      pod.object.at("metadata").at("labels").value(std::string(v1::kAttemptLabel), "0"));
}

std::string NodeOf(const Stored& pod) { return pod.object.at("spec").value("nodeName", ""); }

Json Container(const char* name, const char* state, Json details) {
  return {{"name", name},
          {"restartCount", 0},
          {"ready", std::string_view(state) == "running"},
          {"state", {{state, std::move(details)}}}};
}

bool Downloads(const Stored& pod) {
  return std::ranges::any_of(pod.object.at("spec").at("initContainers"),
                             [](const Json& container) { return container.at("name") == "fetch"; });
}

Json InitDone(const char* name) {
  return Container(name, "terminated", {{"exitCode", 0}, {"reason", "Completed"}});
}

// All init containers of a pod that have ended well.
Json InitDone(const Stored& pod) {
  Json done = Json::array();
  for (const Json& container : pod.object.at("spec").at("initContainers")) {
    done.push_back(InitDone(container.at("name").get_ref<const std::string&>().c_str()));
  }
  return done;
}

// Who is about to delete a pod says so in its status first.
Json Disruption(const char* reason) {
  return {{"conditions",
           Json::array({{{"type", "DisruptionTarget"}, {"status", "True"}, {"reason", reason}}})}};
}

Json Terminated(int code, k8s::Time now) {
  const agent::Termination termination = agent::TerminationOf(code << 8);  // a wait status
  return {{"exitCode", code},
          {"reason", code == 0 ? "Completed" : "Error"},
          {"message", agent::ToJson(termination, fmt::format("last line, code {}\n", code))},
          {"finishedAt", k8s::FormatTime(now)}};
}

}  // namespace

Kubelet::Kubelet(Stage& stage, Fate fate, std::function<void(const std::string&)> node_gone)
    : role_(stage, "kubelet"), fate_(std::move(fate)), node_gone_(std::move(node_gone)) {
  stage.api.OnCommit([this](const Commit& commit) { OnCommit(commit); });
}

StoredPtr Kubelet::Mine(const k8s::ObjectKey& key, const std::string& uid) {
  StoredPtr pod = role_.Find(kPods, key, uid);
  return pod && !gone_.contains(NodeOf(*pod)) ? pod : nullptr;
}

void Kubelet::OnCommit(const Commit& commit) {
  if (&commit.kind != &kPods || !commit.after || !commit.before) return;
  const k8s::ObjectKey key = commit.after->key;
  const std::string uid = commit.after->uid;
  if (NodeOf(*commit.before).empty() && !NodeOf(*commit.after).empty()) {
    role_.Within(20ms, 1s, [this, key, uid] { Initialise(key, uid); });
  }
  if (!IsBeingDeleted(commit.before->object) && IsBeingDeleted(commit.after->object)) {
    role_.Within(50ms, 4s, [this, key, uid] { End(key, uid); });
  }
}

void Kubelet::Initialise(const k8s::ObjectKey& key, const std::string& uid) {
  const StoredPtr pod = Mine(key, uid);
  if (!pod || IsBeingDeleted(pod->object)) return;
  if (!VolumesAreThere(*pod)) {
    role_.Within(200ms, 1s, [this, key, uid] { Initialise(key, uid); });
    return;
  }
  role_.PatchStatus(
      kPods, key,
      {{"initContainerStatuses", Json::array({Container("setup", "running", Json::object())})},
       {"containerStatuses",
        Json::array({Container("learner", "waiting", {{"reason", "PodInitializing"}})})}});
  const bool downloads = Downloads(*pod);
  role_.Within(50ms, 2s, [=, this] { downloads ? Download(key, uid) : Run(key, uid); });
}

void Kubelet::Download(const k8s::ObjectKey& key, const std::string& uid) {
  const StoredPtr pod = Mine(key, uid);
  if (!pod || IsBeingDeleted(pod->object)) return;
  const Json& told = pod->object.at("status").at("initContainerStatuses");
  Json fetch = Container("fetch", "running", Json::object());
  if (told.size() > 1) fetch["lastState"] = told.at(1).at("state");
  role_.PatchStatus(kPods, key, {{"initContainerStatuses", {InitDone("setup"), std::move(fetch)}}});
  role_.Within(1s, 5s, [=, this] {
    std::exchange(download_failed_, true) ? Run(key, uid) : FailDownload(key, uid);
  });
}

void Kubelet::FailDownload(const k8s::ObjectKey& key, const std::string& uid) {
  if (!Mine(key, uid)) return;
  const Json report = {{"reason", v1::reason::kObjectStoreUnavailable},
                       {"message", "nobody listens"}};
  Json fetch = Container("fetch", "terminated", {{"exitCode", 69}, {"message", report.dump()}});
  role_.PatchStatus(kPods, key, {{"initContainerStatuses", {InitDone("setup"), std::move(fetch)}}});
  role_.Within(1s, 10s, [this, key, uid] { Download(key, uid); });
}

int Kubelet::RankOf(const Stored& pod) {
  const Json& labels = pod.object.at("metadata").at("labels");
  const std::string role = labels.at(std::string(v1::kRoleLabel));
  const StoredPtr job =
      role_.Find(kTrainingJobs, {.ns = pod.key.ns, .name = labels.at(std::string(v1::kJobLabel))});
  int before = 0;
  if (!job || !job->object.at("spec").contains("roles")) return OrdinalOf(pod.key.name);
  for (const Json& one : job->object.at("spec").at("roles")) {
    if (one.at("name") == role) break;
    before += one.at("replicas").get<int>();
  }
  return before + OrdinalOf(pod.key.name);
}

bool Kubelet::IsThere(const std::string& ns, const Json& volume) {
  if (const auto secret = volume.find("secret"); secret != volume.end()) {
    if (secret->value("optional", false)) return true;
    return role_.Find(kSecrets, {.ns = ns, .name = secret->at("secretName")}) != nullptr;
  }
  const StoredPtr claim =
      role_.Find(kClaims, {.ns = ns, .name = volume.at("persistentVolumeClaim").at("claimName")});
  return claim && !IsBeingDeleted(claim->object) &&
         claim->object.at("status").value("phase", "") == "Bound";
}

bool Kubelet::VolumesAreThere(const Stored& pod) {
  return std::ranges::all_of(pod.object.at("spec").at("volumes"),
                             [&](const Json& volume) { return IsThere(pod.key.ns, volume); });
}

void Kubelet::Run(const k8s::ObjectKey& key, const std::string& uid) {
  const StoredPtr pod = Mine(key, uid);
  if (!pod || IsBeingDeleted(pod->object)) return;
  if (started_) started_(*pod);
  const k8s::Time now = role_.stage().time.Now();
  role_.PatchStatus(
      kPods, key,
      {{"phase", "Running"},
       {"initContainerStatuses", InitDone(*pod)},
       {"containerStatuses",
        Json::array({Container("learner", "running", {{"startedAt", k8s::FormatTime(now)}})})}});
  const LearnerFate fate = fate_(AttemptOf(*pod), RankOf(*pod));
  if (fate.how == LearnerFate::How::kRunsOn) return;
  role_.Within(fate.after, fate.after + 3s, [this, fate, key, uid] { Meet(fate, key, uid); });
}

void Kubelet::Meet(const LearnerFate& fate, const k8s::ObjectKey& key, const std::string& uid) {
  const StoredPtr pod = Mine(key, uid);
  if (!pod || IsBeingDeleted(pod->object)) return;
  switch (fate.how) {
    case LearnerFate::How::kRunsOn:
      return;
    case LearnerFate::How::kExits:
      return Exit(key, uid, fate.code);
    case LearnerFate::How::kFailsOnce:
      return Exit(key, uid, std::exchange(misfortune_, true) ? 0 : fate.code);
    case LearnerFate::How::kHangs:
      return Hang(fate, key, uid);
    case LearnerFate::How::kEvicted:
      if (std::exchange(misfortune_, true)) return Exit(key, uid, 0);
      role_.PatchStatus(kPods, key,
                        {{"phase", "Failed"},
                         {"reason", "Evicted"},
                         {"message", "The node was low on resource: memory."}});
      return;
    case LearnerFate::How::kDrained:
      if (std::exchange(misfortune_, true)) return Exit(key, uid, 0);
      return Drain(key, uid);
    case LearnerFate::How::kNodeGone:
      if (std::exchange(misfortune_, true)) return Exit(key, uid, 0);
      return LoseNode(NodeOf(*pod));
  }
}

void Kubelet::Hang(const LearnerFate& fate, const k8s::ObjectKey& key, const std::string& uid) {
  Json containers = role_.Find(kPods, key, uid)->object.at("status").at("containerStatuses");
  containers.at(0)["ready"] = false;
  role_.PatchStatus(kPods, key, {{"containerStatuses", std::move(containers)}});
  if (fate.hangs.count() == 0) return;
  const LearnerFate then{.how = LearnerFate::How::kExits, .code = fate.code};
  role_.Within(fate.hangs, fate.hangs + 3s, [this, then, key, uid] { Meet(then, key, uid); });
}

void Kubelet::Exit(const k8s::ObjectKey& key, const std::string& uid, int code) {
  Json container = Container("learner", "terminated", Terminated(code, role_.stage().time.Now()));
  role_.PatchStatus(kPods, key, {{"containerStatuses", Json::array({std::move(container)})}});
  role_.Within(1s, 10s, [this, key, uid] { RestartContainer(key, uid); });
}

void Kubelet::RestartContainer(const k8s::ObjectKey& key, const std::string& uid) {
  const StoredPtr pod = Mine(key, uid);
  if (!pod || IsBeingDeleted(pod->object)) return;
  const Json& before = pod->object.at("status").at("containerStatuses").at(0);
  Json container =
      Container("learner", "running", {{"startedAt", k8s::FormatTime(role_.stage().time.Now())}});
  container["lastState"] = before.at("state");
  container["restartCount"] = before.at("restartCount").get<int>() + 1;
  role_.PatchStatus(kPods, key, {{"containerStatuses", Json::array({std::move(container)})}});
}

void Kubelet::End(const k8s::ObjectKey& key, const std::string& uid) {
  if (!Mine(key, uid)) return;
  role_.Delete(kPods, key, {.uid = uid, .grace_seconds = 0});
}

void Kubelet::Drain(const k8s::ObjectKey& key, const std::string& uid) {
  role_.PatchStatus(kPods, key, Disruption("EvictionByEvictionAPI"));
  role_.Delete(kPods, key, {.uid = uid});
}

// Its pods are deleted once its silence is noticed, and taken away once nobody hopes any more.
void Kubelet::LoseNode(const std::string& node) {
  role_.stage().trace.Line("kubelet", "{} is gone", node);
  gone_.insert(node);
  node_gone_(node);
  for (const auto& [grace, after] :
       {std::pair{std::optional<std::int64_t>(), kNodeGrace},
        std::pair{std::optional<std::int64_t>(0), kNodeGrace + kGivenUpAfter}}) {
    role_.Within(after, after + 1s, [this, node, grace] {
      std::vector<StoredPtr> lost;
      for (const auto& [key, pod] : role_.stage().api.log().All(kPods)) {
        if (NodeOf(*pod) == node) lost.push_back(pod);
      }
      for (const StoredPtr& pod : lost) {
        if (!grace) role_.PatchStatus(kPods, pod->key, Disruption("DeletionByTaintManager"));
        role_.Delete(kPods, pod->key, {.uid = pod->uid, .grace_seconds = grace});
      }
    });
  }
}

}  // namespace ffdl::simulation
