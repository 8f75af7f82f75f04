// One pass of the planner, from values to a value.
#include <benchmark/benchmark.h>

#include "benchmark/micro/fixtures.h"
#include "reconcilers/training_job/plan.h"

namespace ffdl::benchmarks {
namespace {

void Run(benchmark::State& state, const v1::TrainingJob& job,
         const training_job::Observed& observed) {
  for (auto _ : state) {
    const k8s::Plan plan = Decide(job, observed, OperatorSettings(), Now());
    benchmark::DoNotOptimize(&plan);
  }
}

// Service, StatefulSet and the first status of a new job.
void PlanCreate(benchmark::State& state) {
  const v1::TrainingJob job = Job(static_cast<int>(state.range(0)), Stage::kNew);
  Run(state, job, Children(job, Stage::kNew));
}
BENCHMARK(PlanCreate)->Arg(1)->Arg(8);

// A job that runs as it should: what a resync asks of each of them.
void PlanSteady(benchmark::State& state) {
  const v1::TrainingJob job = Job(static_cast<int>(state.range(0)), Stage::kRunning);
  const training_job::Observed observed = Children(job, Stage::kRunning);
  if (!Decide(job, observed, OperatorSettings(), Now()).empty()) {
    state.SkipWithError("a steady job must need nothing");
    return;
  }
  Run(state, job, observed);
}
BENCHMARK(PlanSteady)->Arg(1)->Arg(8)->Arg(64);

// Learners that have just ended: the final status.
void PlanEnd(benchmark::State& state) {
  const v1::TrainingJob job = Job(static_cast<int>(state.range(0)), Stage::kRunning);
  Run(state, job, Children(job, Stage::kSucceeded));
}
BENCHMARK(PlanEnd)->Arg(1)->Arg(8);

}  // namespace
}  // namespace ffdl::benchmarks
