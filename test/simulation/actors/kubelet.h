#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>

#include "test/simulation/actors/role.h"

namespace ffdl::simulation {

// What becomes of a learner once it runs.
struct LearnerFate {
  enum class How {
    kRunsOn,
    kExits,      // with `code`
    kFailsOnce,  // exits with `code`, but only once in a run, else with 0
    kEvicted,    // the node gives the pod up; only once in a run, else it exits with 0
    kDrained,    // somebody drains the node; the same
    kNodeGone,   // nobody hears of the node again; the same
    kHangs,      // its probe fails for `hangs`, then it exits with `code`; for ever if that is 0
  };

  How how = How::kRunsOn;
  std::chrono::seconds after{20};
  int code = 0;
  std::chrono::seconds hangs{0};
};

// All kubelets: run pods that have a node, tell of it, and end them when they are deleted.
class Kubelet {
 public:
  using Fate = std::function<LearnerFate(int attempt, int rank)>;

  // `node_gone` is told when a node goes.
  Kubelet(Stage& stage, Fate fate, std::function<void(const std::string&)> node_gone);

  // How often a learner's program has been started, by pod uid; for the oracle.
  void OnStarted(std::function<void(const Stored& pod)> started) { started_ = std::move(started); }

 private:
  void OnCommit(const Commit& commit);
  void Initialise(const k8s::ObjectKey& key, const std::string& uid);
  // Each learner brings its code, if it has to; the first time in a run in vain.
  void Download(const k8s::ObjectKey& key, const std::string& uid);
  void FailDownload(const k8s::ObjectKey& key, const std::string& uid);
  void Run(const k8s::ObjectKey& key, const std::string& uid);
  void Meet(const LearnerFate& fate, const k8s::ObjectKey& key, const std::string& uid);
  void Hang(const LearnerFate& fate, const k8s::ObjectKey& key, const std::string& uid);
  void Exit(const k8s::ObjectKey& key, const std::string& uid, int code);
  void RestartContainer(const k8s::ObjectKey& key, const std::string& uid);
  void Drain(const k8s::ObjectKey& key, const std::string& uid);
  void LoseNode(const std::string& node);
  void End(const k8s::ObjectKey& key, const std::string& uid);
  // Null when the pod is gone, or its node.
  [[nodiscard]] StoredPtr Mine(const k8s::ObjectKey& key, const std::string& uid);
  // 0 for learner 1, and so on over all roles of its job.
  [[nodiscard]] int RankOf(const Stored& pod);
  [[nodiscard]] bool VolumesAreThere(const Stored& pod);
  [[nodiscard]] bool IsThere(const std::string& ns, const Json& volume);

  Role role_;
  const Fate fate_;
  const std::function<void(const std::string&)> node_gone_;
  std::function<void(const Stored&)> started_;
  std::set<std::string> gone_;
  bool misfortune_ = false;  // it has happened
  bool download_failed_ = false;
};

}  // namespace ffdl::simulation
