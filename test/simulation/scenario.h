// The stories that are played with every fault: what a user does, and what becomes of the learners.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "test/simulation/actors/kubelet.h"
#include "test/simulation/server/kinds.h"
#include "test/simulation/sight.h"

namespace ffdl::simulation {

inline constexpr const char* kUsersNamespace = "ml";
inline constexpr const char* kOperatorsNamespace = "ffdl";
inline constexpr const char* kCatalogue = "frameworks";  // a ConfigMap there

struct Step {
  enum class Act {
    kCreate,         // the job; `body` is its spec
    kEdit,           // merge patch `body` of the spec
    kDelete,         // the job
    kCreateForeign,  // a Service of somebody else that has the name of ours
    kDeleteForeign,
    kEditObjects,  // what the operator made: the Service, the guards and the learners' template
    kLiftQuota,
    kPublish,  // the catalogue of frameworks; `body` is its data
  };

  Sight when = Sight::kNothing;
  Act act = Act::kCreate;
  Json body;
};

struct Scenario {
  std::string_view name;
  Kubelet::Fate fate;
  std::vector<Step> steps;
  bool is_main = false;  // part of every job's life: all its single faults are always played
  int jobs = 1;          // so many users do the same, each with a job of their own
  std::chrono::seconds capacity_missing{0};
  std::string_view quota_on;   // plural of what a quota refuses until it is lifted; "" for none
  bool has_catalogue = false;  // the operator looks for a catalogue of frameworks
  std::vector<std::string> claims{};  // that somebody has made before
  // Whether the number of attempts depends on who is faster.
  bool attempts_vary = false;
};

// "mnist", and "mnist-2" and so on where there are several.
[[nodiscard]] std::string JobName(int number);

// What kEditObjects does to a StatefulSet, as a merge patch: its container loses all but its name.
[[nodiscard]] Json EditedTemplate();

[[nodiscard]] std::span<const Scenario> Scenarios();
// Null for an unknown name.
[[nodiscard]] const Scenario* FindScenario(std::string_view name);

}  // namespace ffdl::simulation
