#include "reconcilers/training_job/summary.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "crds/v1/conditions.h"
#include "reconcilers/training_job/ranges.h"
#include "reconcilers/training_job/shorten.h"
#include "reconcilers/training_job/waiting.h"

namespace ffdl::training_job {
namespace {

namespace learner_phase = v1::learner_phase;

// What is told of one learner; borrows from the learner and from constants.
struct Telling {
  std::string_view phase = learner_phase::kStarting;
  std::string_view reason;
  std::optional<Obstacle> obstacle;
};

Telling TellingOf(const Pass& pass, const Learner& learner) {
  switch (learner.phase) {
    case LearnerPhase::kRunning:
      return {.phase = learner_phase::kRunning};
    case LearnerPhase::kSucceeded:
      return {.phase = learner_phase::kSucceeded};
    case LearnerPhase::kFailed:
      return {.phase = learner_phase::kFailed, .reason = learner.end->reason};
    case LearnerPhase::kStarting:
    case LearnerPhase::kCannotStart:
      break;
  }
  std::optional<Obstacle> obstacle = ObstacleOf(pass, learner);
  if (!obstacle) return {};
  const std::string_view reason = obstacle->reason;
  return {.phase = learner_phase::kWaiting, .reason = reason, .obstacle = std::move(obstacle)};
}

// The order in which people want to read them.
int Rank(std::string_view phase) {
  constexpr std::array kOrder{learner_phase::kRunning, learner_phase::kStarting,
                              learner_phase::kWaiting, learner_phase::kSucceeded,
                              learner_phase::kFailed};
  return static_cast<int>(std::ranges::find(kOrder, phase) - kOrder.begin());
}

// The learners of one role by phase and reason.
class Groups {
 public:
  void Add(std::string_view phase, std::string_view reason, std::int32_t place) {
    // Neighbours mostly do the same.
    if (last_ < rows_.size() && rows_[last_].Fits(phase, reason)) {
      return rows_[last_].places.Add(place);
    }
    const auto it =
        std::ranges::find_if(rows_, [&](const Row& row) { return row.Fits(phase, reason); });
    last_ = static_cast<std::size_t>(it - rows_.begin());
    if (it == rows_.end()) rows_.push_back({.phase = phase, .reason = std::string(reason)});
    rows_[last_].places.Add(place);
  }

  [[nodiscard]] std::vector<v1::LearnerGroup> Take() {
    std::ranges::stable_sort(rows_, {}, [](const Row& row) { return Rank(row.phase); });
    std::vector<v1::LearnerGroup> groups;
    for (Row& row : rows_) {
      if (groups.size() == v1::kLearnerGroupsMax) break;
      groups.push_back({.phase = std::string(row.phase),
                        .reason = std::move(row.reason),
                        .count = row.places.count(),
                        .learners = row.places.Text()});
    }
    return groups;
  }

 private:
  struct Row {
    std::string_view phase;
    std::string reason;
    Ranges places{v1::kLearnerRangesBytesMax};

    [[nodiscard]] bool Fits(std::string_view a_phase, std::string_view a_reason) const {
      return phase == a_phase && reason == a_reason;
    }
  };

  std::vector<Row> rows_;
  std::size_t last_ = 0;
};

v1::LearnerDetail DetailOf(const Pass& pass, const Learner& learner, Telling telling) {
  const v1::RoleView& role = pass.roles.Of(learner.id);
  const bool failed = learner.phase == LearnerPhase::kFailed;
  return {.learner = learner.id,
          .role = std::string(role.own == nullptr ? "" : role.name),
          .phase = std::string(telling.phase),
          .reason = std::string(telling.reason),
          .node = learner.pod != nullptr ? learner.pod->node : "",
          .exit_code = learner.end ? learner.end->exit_code : 0,
          .message = Shorten(failed ? DescribeEnd(pass.roles, learner) : telling.obstacle->message,
                             v1::kLearnerMessageBytesMax)};
}

// The first few that failed and the first few that wait.
class Details {
 public:
  void Add(const Pass& pass, const Learner& learner, Telling telling) {
    auto& list = learner.phase == LearnerPhase::kFailed ? failed_ : waiting_;
    if (list.size() < v1::kLearnerDetailsMax) {
      list.push_back(DetailOf(pass, learner, std::move(telling)));
    }
  }

  [[nodiscard]] std::vector<v1::LearnerDetail> Take() {
    for (v1::LearnerDetail& detail : waiting_) {
      if (failed_.size() < v1::kLearnerDetailsMax) failed_.push_back(std::move(detail));
    }
    return std::move(failed_);
  }

 private:
  std::vector<v1::LearnerDetail> failed_;
  std::vector<v1::LearnerDetail> waiting_;
};

}  // namespace

void SummarizeLearners(Pass& pass, std::span<const Learner> learners) {
  Details details;
  auto learner = learners.begin();
  for (const v1::RoleView& role : pass.roles) {
    Groups groups;
    for (std::int32_t place = 1; place <= role.replicas; ++place) {
      const std::int32_t id = role.before + place;
      while (learner != learners.end() && learner->id < id) ++learner;
      if (learner == learners.end() || learner->id != id) {
        // One that is stopped does not start.
        if (!pass.job.spec.suspend) groups.Add(learner_phase::kStarting, "", place);
        continue;
      }
      Telling telling = TellingOf(pass, *learner);
      groups.Add(telling.phase, telling.reason, place);
      if (!telling.reason.empty()) details.Add(pass, *learner, std::move(telling));
    }
    auto& phases =
        role.own == nullptr ? pass.next.learners.phases : pass.next.roles[role.index].phases;
    phases = groups.Take();
  }
  pass.next.learners.details = details.Take();
}

}  // namespace ffdl::training_job
