// What each framework expects to find in the environment of a distributed run: one table, of which
// docs/frameworks.md tells the user's side.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "crds/v1/roles.h"
#include "crds/v1/training_job.h"

namespace ffdl::training_job {

// Words in braces stand for what the job says:
//   {first}      the host of learner 1
//   {others}     the hosts of all others, with commas between
//   {port}       the framework's port
//   {learners}   how many there are
//   {processes}  how many a learner should start: one for each GPU, at least one
//   {cluster}    what TensorFlow calls so: by role, the addresses of its learners
//   {task}, {index}  the learner's own place in that
// and in an elastic job:
//   {job}        its name
//   {least}, {most}  between which numbers learners may be
//   {restarts}, {last_call}  what it says of torchrun
// or for what only the learner itself can fill in (operator/agent/template.h):
//   {rank}       0 for learner 1, and so on
//   {is_first}   true for learner 1, else false
struct FrameworkVariable {
  std::string_view name;
  std::string_view value;
  bool only_among_several = false;  // not set in a job of one learner
};

struct FrameworkEnvironment {
  v1::FrameworkName framework;
  int port;  // on learner 1, or on each
  std::string_view port_name;
  std::span<const FrameworkVariable> variables;
  std::span<const FrameworkVariable> elastic_variables{};  // in their place in an elastic job
};

// One row for each framework but kCustom, in the order in which a Service lists their ports.
[[nodiscard]] std::span<const FrameworkEnvironment> FrameworkEnvironments();

// ffdl-launch sets the variable NAME from the template that it finds in FFDL_SET_NAME.
inline constexpr std::string_view kPerLearnerPrefix = "FFDL_SET_";

// The variables of the job's framework for the learners of this role, as core/v1 EnvVar objects:
// values where all learners have the same, else templates for ffdl-launch, so that a StatefulSet
// does not name all its learners.
[[nodiscard]] nlohmann::json FrameworkVariables(const v1::TrainingJob& job,
                                                const v1::RoleView& role);

}  // namespace ffdl::training_job
