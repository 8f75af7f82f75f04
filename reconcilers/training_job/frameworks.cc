#include "reconcilers/training_job/frameworks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "crds/v1/names.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;

// torch.distributed reads the first four, torchrun the others, which are its flags.
constexpr std::array kPytorch{
    FrameworkVariable{"MASTER_ADDR", "{first}"},
    FrameworkVariable{"MASTER_PORT", "{port}"},
    FrameworkVariable{"WORLD_SIZE", "{learners}"},
    FrameworkVariable{"RANK", "{rank}"},
    FrameworkVariable{"PET_NNODES", "{learners}"},
    FrameworkVariable{"PET_NPROC_PER_NODE", "{processes}"},
    FrameworkVariable{"PET_NODE_RANK", "{rank}"},
    FrameworkVariable{"PET_MASTER_ADDR", "{first}"},
    FrameworkVariable{"PET_MASTER_PORT", "{port}"},
};

// The rest of the ranks and addresses is torchrun's business then. It would find out by its host
// name whether it is the one where all meet, which in a pod is not the name of the endpoint. Its
// own limits of time would fail a learner that waits for others longer than the job may: the times
// here are those that torchrun has for a fixed number of learners, and a day for who waits for
// GPUs.
constexpr std::array kElasticPytorch{
    FrameworkVariable{"PET_NNODES", "{least}:{most}"},
    FrameworkVariable{"PET_NPROC_PER_NODE", "{processes}"},
    FrameworkVariable{"PET_MAX_RESTARTS", "{restarts}"},
    FrameworkVariable{"PET_RDZV_BACKEND", "c10d"},
    FrameworkVariable{"PET_RDZV_ENDPOINT", "{first}:{port}"},
    FrameworkVariable{"PET_RDZV_ID", "{job}"},
    FrameworkVariable{"PET_RDZV_CONF",
                      "is_host={is_first},read_timeout=900,join_timeout=86400,"
                      "last_call_timeout={last_call}"},
};

// A cluster of one is none: programs take the variable's absence for a run on one machine.
constexpr std::array kTensorflow{
    FrameworkVariable{"TF_CONFIG",
                      R"({"cluster":{{cluster}},"task":{"type":"{task}","index":{index}},)"
                      R"("environment":"cloud"})",
                      true},
};

// JAX itself reads only JAX_COORDINATOR_ADDRESS; programs read the others. Those without JAX_ have
// the names that a JAXJob of Kubeflow gives them.
constexpr std::array kJax{
    FrameworkVariable{"JAX_COORDINATOR_ADDRESS", "{first}:{port}"},
    FrameworkVariable{"JAX_NUM_PROCESSES", "{learners}"},
    FrameworkVariable{"JAX_PROCESS_ID", "{rank}"},
    FrameworkVariable{"COORDINATOR_ADDRESS", "{first}"},
    FrameworkVariable{"COORDINATOR_PORT", "{port}"},
    FrameworkVariable{"NUM_PROCESSES", "{learners}"},
    FrameworkVariable{"PROCESS_ID", "{rank}"},
};

// Those of an XGBoostJob of Kubeflow, which LightGBM can use, too; then those of the tracker.
constexpr std::array kXgboost{
    FrameworkVariable{"MASTER_ADDR", "{first}"},
    FrameworkVariable{"MASTER_PORT", "{port}"},
    FrameworkVariable{"WORLD_SIZE", "{learners}"},
    FrameworkVariable{"RANK", "{rank}"},
    FrameworkVariable{"WORKER_PORT", "{port}", true},
    FrameworkVariable{"WORKER_ADDRS", "{others}", true},
    FrameworkVariable{"DMLC_TRACKER_URI", "{first}"},
    FrameworkVariable{"DMLC_TRACKER_PORT", "{port}"},
    FrameworkVariable{"DMLC_NUM_WORKER", "{learners}"},
    FrameworkVariable{"DMLC_TASK_ID", "{rank}"},
};

// The ports are each framework's own default, or that of Kubeflow's job for it; FfDL's name for
// TensorFlow's.
constexpr std::array kFrameworks{
    FrameworkEnvironment{v1::FrameworkName::kTensorflow, 2222, "tf-distributed", kTensorflow},
    FrameworkEnvironment{v1::FrameworkName::kPytorch, 29500, "pytorch", kPytorch, kElasticPytorch},
    FrameworkEnvironment{v1::FrameworkName::kJax, 6666, "jax", kJax},
    FrameworkEnvironment{v1::FrameworkName::kXgboost, 9999, "xgboost", kXgboost},
};

void ReplaceAll(std::string& text, std::string_view word, std::string_view by) {
  for (std::size_t at = text.find(word); at != std::string::npos;
       at = text.find(word, at + by.size())) {
    text.replace(at, word.size(), by);
  }
}

// TEXT for each learner of a role, where ffdl-launch puts the learner's place in its role for {i};
// without the first of all if `others`. A job without roles leaves it to ffdl-launch how many.
std::string List(const v1::TrainingJob& job, const v1::RoleView& role, std::string_view text,
                 bool others = false) {
  const std::string count = role.own == nullptr ? "" : fmt::format(" {}", role.replicas);
  const std::string& name = job.meta.key.name;
  std::string list(text);
  ReplaceAll(list, "{host}",
             fmt::format("{}-{{i}}.{}", v1::RoleSetName(name, role.name), v1::LearnersName(name)));
  return fmt::format("{{{}{}}}{}{{end}}", others ? "others" : "each", count, list);
}

void Append(std::string& list, std::string_view item) {
  if (!list.empty()) list += ',';
  list += item;
}

// TensorFlow's evaluator works beside the cluster and is no part of it.
bool IsInCluster(const v1::RoleView& role) { return role.name != "evaluator"; }

// TensorFlow has no learners, only workers.
std::string_view TaskOf(const v1::RoleView& role) {
  return role.own == nullptr ? "worker" : role.name;
}

std::string Cluster(const v1::TrainingJob& job) {
  std::string cluster;
  for (const v1::RoleView& role : v1::Roles(job.spec)) {
    if (!IsInCluster(role)) continue;
    Append(cluster,
           fmt::format(R"("{}":[{}])", TaskOf(role), List(job, role, R"("{host}:{port}")")));
  }
  return cluster;
}

std::string Others(const v1::TrainingJob& job) {
  std::string others;
  for (const v1::RoleView& role : v1::Roles(job.spec)) {
    const bool first = role.index == 0;
    if (!first || role.own == nullptr || role.replicas > 1) {
      Append(others, List(job, role, "{host}", first));
    }
  }
  return others;
}

void FillInElastic(std::string& text, const v1::TrainingJob& job) {
  if (!job.spec.elastic) return;
  const v1::Torchrun torchrun = job.spec.elastic->torchrun.value_or(v1::Torchrun{});
  ReplaceAll(text, "{job}", job.meta.key.name);
  ReplaceAll(text, "{least}", std::to_string(job.spec.elastic->min_learners));
  ReplaceAll(text, "{most}", std::to_string(job.spec.elastic->max_learners));
  ReplaceAll(text, "{restarts}", std::to_string(torchrun.max_restarts));
  ReplaceAll(text, "{last_call}", std::to_string(torchrun.last_call_seconds));
}

std::string FilledIn(std::string_view value, const v1::TrainingJob& job, const v1::RoleView& role,
                     int port) {
  const v1::Roles roles(job.spec);
  const std::string& name = job.meta.key.name;
  const std::array<std::pair<std::string_view, std::string>, 8> words{{
      {"{first}",
       fmt::format("{}-0.{}", v1::RoleSetName(name, roles[0].name), v1::LearnersName(name))},
      {"{others}", Others(job)},
      {"{cluster}", Cluster(job)},
      {"{task}", std::string(TaskOf(role))},
      {"{index}", role.own == nullptr ? "{rank}" : "{role_rank}"},
      {"{port}", std::to_string(port)},
      {"{learners}", std::to_string(roles.learners())},
      {"{processes}", std::to_string(std::max(role.resources->gpus, 1))},
  }};
  std::string text(value);
  for (const auto& [word, by] : words) ReplaceAll(text, word, by);
  FillInElastic(text, job);
  return text;
}

bool DiffersByLearner(std::string_view value) {
  constexpr std::array<std::string_view, 5> kWords{"{rank}", "{role_rank}", "{is_first}", "{each",
                                                   "{others"};
  return std::ranges::any_of(
      kWords, [&](std::string_view word) { return value.find(word) != std::string_view::npos; });
}

}  // namespace

std::span<const FrameworkEnvironment> FrameworkEnvironments() { return kFrameworks; }

json FrameworkVariables(const v1::TrainingJob& job, const v1::RoleView& role) {
  json variables = json::array();
  const auto* const row =
      std::ranges::find(kFrameworks, job.spec.framework.name, &FrameworkEnvironment::framework);
  if (row == kFrameworks.end()) return variables;
  for (const FrameworkVariable& variable :
       job.spec.elastic ? row->elastic_variables : row->variables) {
    if (variable.only_among_several && v1::Roles(job.spec).learners() == 1) continue;
    std::string value = FilledIn(variable.value, job, role, row->port);
    std::string name(DiffersByLearner(value) ? kPerLearnerPrefix : "");
    name += variable.name;
    variables.push_back({{"name", std::move(name)}, {"value", std::move(value)}});
  }
  return variables;
}

}  // namespace ffdl::training_job
