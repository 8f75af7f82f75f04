// A cluster in miniature for whole stories: it stores what the planner writes, plays the
// StatefulSet controller and the garbage collector, and lets a story play scheduler, kubelet and
// user. No threads, no clock of its own, no network.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crds/v1/training_job.h"
#include "k8s-client/meta/plan.h"
#include "k8s-client/meta/workload.h"
#include "reconcilers/training_job/observed.h"

namespace ffdl::scenario {

class World {
 public:
  // How far a pass gets before the operator dies and a new one looks at the world afresh.
  enum class Operator {
    kLives,
    kDiesAfterEachWrite,
  };

  explicit World(Operator how) : operator_(how) {}

  // --- the user ---
  void CreateJob(nlohmann::json spec);
  void PatchSpec(const nlohmann::json& merge_patch);
  void DeleteJob();

  // --- the operator: passes until there is nothing left to do; false when it never comes to rest
  // ---
  [[nodiscard]] bool Settle();

  // --- scheduler and kubelet ---
  k8s::Pod& PodOf(std::int32_t learner);
  void Start(std::int32_t learner);
  void Exit(std::int32_t learner, const k8s::ContainerEnd& end);
  // The kubelet starts the ended container again.
  void RestartContainer(std::int32_t learner);
  // What somebody deleted is gone, and the StatefulSet puts another pod into its place.
  void RemovePod(std::int32_t learner);
  // With its pods, as kubectl does.
  void DeleteLearnerSets();
  void Pass(std::chrono::seconds time) { now_ += time; }

  // The next write of this kind is refused by the API server.
  void RefuseNext(std::string kind, k8s::Error error);
  // Somebody edits what belongs to the job.
  void EditService();
  void EditGuards();
  void EditLearnerSets();
  // An object of somebody else that has the name of our Service.
  void CreateForeignService();

  // --- what there is to see ---
  [[nodiscard]] v1::TrainingJob Job() const;
  [[nodiscard]] const training_job::Observed& observed() const { return observed_; }
  [[nodiscard]] std::vector<std::string> ObjectNames() const;  // "StatefulSet/mnist-learner"
  [[nodiscard]] const std::vector<k8s::PendingEvent>& events() const { return events_; }
  [[nodiscard]] int status_writes() const { return status_writes_; }
  // Whether a pod template is still as EditLearnerSets left it.
  [[nodiscard]] bool IsTemplateEdited() const;
  [[nodiscard]] k8s::Time now() const { return now_; }
  // How many pods this learner has had so far.
  [[nodiscard]] int PodsMadeOf(std::int32_t learner) const;

 private:
  [[nodiscard]] std::optional<k8s::Error> Carry(const k8s::Action& action);
  void CarryOut(const k8s::Action& action);
  [[nodiscard]] k8s::Service ServiceOf(const nlohmann::json& body);
  [[nodiscard]] std::optional<k8s::Policy>* GuardOf(const k8s::ResourceType& type);
  void Delete(const k8s::Action& action);
  void ApplyLearners(const nlohmann::json& body);
  void RunStatefulSets();
  void RunStatefulSet(const k8s::StatefulSet& set);
  void MakeClaim(const k8s::StatefulSet& set, const std::string& pod);
  [[nodiscard]] std::string PodNameOf(std::int32_t learner) const;
  [[nodiscard]] std::string NextVersion() { return std::to_string(++version_); }
  [[nodiscard]] k8s::ObjectMeta MetaOf(const nlohmann::json& body);

  const Operator operator_;
  nlohmann::json job_;
  training_job::Observed observed_;
  std::array<nlohmann::json, v1::kRolesMax> set_specs_;
  std::vector<k8s::Claim> learner_claims_;  // seen by the operator when the job has finished
  std::vector<k8s::PendingEvent> events_;
  std::optional<std::pair<std::string, k8s::Error>> refuse_;
  bool foreign_service_ = false;
  std::set<std::string> secrets_;  // which the operator cannot see
  int status_writes_ = 0;
  std::map<std::string, int> pods_made_;  // by name
  std::int64_t version_ = 100;
  k8s::Time now_ = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2);
};

}  // namespace ffdl::scenario
