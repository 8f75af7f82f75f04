#include "benchmark/replay/lives.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>

namespace ffdl::benchmarks {
namespace {

using nlohmann::json;

json Unready(const char* reason) {
  return {{"type", "Ready"},
          {"status", "False"},
          {"reason", reason},
          {"lastTransitionTime", "2026-03-01T10:00:01Z"}};
}

// What the pod looks like before its learner runs: the stages of benchmark/kwok/stages.yaml.
json Starting(json pod, const json& setup_state) {
  pod["status"]["phase"] = "Pending";
  pod["status"]["conditions"].push_back(Unready("ContainersNotReady"));
  pod["status"]["initContainerStatuses"][0]["state"] = setup_state;
  json& learner = pod["status"]["containerStatuses"][0];
  learner["state"] = {{"waiting", {{"reason", "PodInitializing"}}}};
  learner["ready"] = false;
  return pod;
}

json Unscheduled(json pod) {
  pod["spec"].erase("nodeName");
  pod["status"] = {{"phase", "Pending"}, {"qosClass", "Guaranteed"}};
  return pod;
}

json Scheduled(json pod) {
  pod["status"] = {{"phase", "Pending"},
                   {"qosClass", "Guaranteed"},
                   {"conditions",
                    {{{"type", "PodScheduled"},
                      {"status", "True"},
                      {"lastTransitionTime", "2026-03-01T10:00:01Z"}}}}};
  return pod;
}

class Life {
 public:
  Life(ReplayApi& api, const World& world, int number, std::chrono::milliseconds pause)
      : api_(api), world_(world), number_(number), pause_(pause) {}

  void Create() {
    const std::string job = Versioned(world_.Job(number_, Stage::kNew));
    api_.Put(fmt::format("/apis/ffdl.io/v1/namespaces/{}/trainingjobs/{}", kReplayNamespace,
                         World::NameOf(number_)),
             job);
    Tell("trainingjobs", "ADDED", job);
  }

  void TellSet(int replicas, const json& status) {
    json set = json::parse(world_.LearnerSet(number_));
    set["spec"]["replicas"] = replicas;
    set["status"] = status;
    Tell("statefulsets", "MODIFIED", Versioned(set.dump()));
  }

  // `change` makes a running pod into what is told of each.
  template <typename Change>
  void TellPods(const char* type, Change&& change, Stage stage = Stage::kRunning) {
    for (int learner = 0; learner < world_.learners(); ++learner) {
      const json pod = change(json::parse(world_.Pod(number_, learner, stage)));
      Tell("pods", type, Versioned(pod.dump()));
    }
  }

  void Pause() const { std::this_thread::sleep_for(pause_); }

 private:
  [[nodiscard]] std::string Versioned(const std::string& object) {
    return WithVersion(object, api_.NextVersion());
  }
  void Tell(const std::string& plural, const char* type, const std::string& object) {
    api_.Push(plural, EventLine(type, object));
    Pause();
  }

  ReplayApi& api_;
  const World& world_;
  const int number_;
  const std::chrono::milliseconds pause_;
};

}  // namespace

void Live(ReplayApi& api, const World& world, Arrivals& arrivals, int number,
          std::chrono::milliseconds pause) {
  Life life(api, world, number, pause);
  const int learners = world.learners();
  const auto as_is = [](json pod) { return pod; };
  life.Create();
  (void)arrivals.Await(World::NameOf(number) + " status");
  life.Pause();
  life.TellSet(learners, {{"observedGeneration", 1}, {"replicas", 0}});
  life.TellPods("ADDED", &Unscheduled);
  life.TellPods("MODIFIED", &Scheduled);
  life.TellSet(learners,
               {{"observedGeneration", 1}, {"replicas", learners}, {"currentReplicas", learners}});
  const json waiting = {{"waiting", {{"reason", "PodInitializing"}}}};
  const json running = {{"running", {{"startedAt", "2026-03-01T10:00:02Z"}}}};
  const json ended = {{"terminated", {{"exitCode", 0}, {"reason", "Completed"}}}};
  for (const json& setup : {waiting, running, ended}) {
    life.TellPods("MODIFIED", [&](json pod) { return Starting(std::move(pod), setup); });
  }
  life.TellPods("MODIFIED", as_is);
  life.TellSet(learners, {{"observedGeneration", 1},
                          {"replicas", learners},
                          {"currentReplicas", learners},
                          {"readyReplicas", learners},
                          {"availableReplicas", learners}});
  life.TellPods("MODIFIED", as_is, Stage::kSucceeded);
  (void)arrivals.Await(World::NameOf(number) + " end");
  life.Pause();
  life.TellSet(0, {{"observedGeneration", 2}, {"replicas", 0}});
  for (const char* const type : {"MODIFIED", "DELETED"}) {
    life.TellPods(
        type,
        [](json pod) {
          pod["metadata"]["deletionTimestamp"] = "2026-03-01T10:30:02Z";
          return pod;
        },
        Stage::kSucceeded);
  }
}

}  // namespace ffdl::benchmarks
