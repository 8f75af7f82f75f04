#include "reconcilers/training_job/frameworks.h"

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

// A cluster of one is none: programs take the variable's absence for a run on one machine.
constexpr std::array kTensorflow{
    FrameworkVariable{"TF_CONFIG",
                      R"({"cluster":{"worker":[{each}"{service}-{i}.{service}:{port}"{end}]},)"
                      R"("task":{"type":"worker","index":{rank}},"environment":"cloud"})",
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
    FrameworkVariable{"WORKER_ADDRS", "{others}{service}-{i}.{service}{end}", true},
    FrameworkVariable{"DMLC_TRACKER_URI", "{first}"},
    FrameworkVariable{"DMLC_TRACKER_PORT", "{port}"},
    FrameworkVariable{"DMLC_NUM_WORKER", "{learners}"},
    FrameworkVariable{"DMLC_TASK_ID", "{rank}"},
};

// The ports are each framework's own default, or that of Kubeflow's job for it; FfDL's name for
// TensorFlow's.
constexpr std::array kFrameworks{
    FrameworkEnvironment{v1::FrameworkName::kTensorflow, 2222, "tf-distributed", kTensorflow},
    FrameworkEnvironment{v1::FrameworkName::kPytorch, 29500, "pytorch", kPytorch},
    FrameworkEnvironment{v1::FrameworkName::kJax, 6666, "jax", kJax},
    FrameworkEnvironment{v1::FrameworkName::kXgboost, 9999, "xgboost", kXgboost},
};

void ReplaceAll(std::string& text, std::string_view word, std::string_view by) {
  for (std::size_t at = text.find(word); at != std::string::npos;
       at = text.find(word, at + by.size())) {
    text.replace(at, word.size(), by);
  }
}

std::string ForAllLearners(std::string_view value, const v1::TrainingJob& job, int port) {
  const std::string service = v1::LearnersName(job.meta.key.name);
  const std::array<std::pair<std::string_view, std::string>, 5> words{{
      {"{first}", service + "-0." + service},
      {"{service}", service},
      {"{port}", std::to_string(port)},
      {"{learners}", std::to_string(job.spec.learners)},
      {"{processes}", std::to_string(std::max(job.spec.resources.gpus, 1))},
  }};
  std::string text(value);
  for (const auto& [word, by] : words) ReplaceAll(text, word, by);
  return text;
}

bool DiffersByLearner(std::string_view value) {
  constexpr std::array<std::string_view, 3> kWords{"{rank}", "{each}", "{others}"};
  return std::ranges::any_of(
      kWords, [&](std::string_view word) { return value.find(word) != std::string_view::npos; });
}

}  // namespace

std::span<const FrameworkEnvironment> FrameworkEnvironments() { return kFrameworks; }

json FrameworkVariables(const v1::TrainingJob& job) {
  json variables = json::array();
  const auto* const row =
      std::ranges::find(kFrameworks, job.spec.framework.name, &FrameworkEnvironment::framework);
  if (row == kFrameworks.end()) return variables;
  for (const FrameworkVariable& variable : row->variables) {
    if (variable.only_among_several && job.spec.learners == 1) continue;
    std::string name(DiffersByLearner(variable.value) ? kPerLearnerPrefix : "");
    name += variable.name;
    variables.push_back(
        {{"name", std::move(name)}, {"value", ForAllLearners(variable.value, job, row->port)}});
  }
  return variables;
}

}  // namespace ffdl::training_job
