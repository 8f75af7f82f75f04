// One pass of the planner, from values to a value.
#include <benchmark/benchmark.h>

#include "benchmark/micro/fixtures.h"
#include "benchmark/micro/large_jobs.h"
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
BENCHMARK(PlanSteady)->Arg(1)->Arg(8)->Arg(64)->Arg(v1::kLearnersMax);

// Learners that have just ended: the final status.
void PlanEnd(benchmark::State& state) {
  const v1::TrainingJob job = Job(static_cast<int>(state.range(0)), Stage::kRunning);
  Run(state, job, Children(job, Stage::kSucceeded));
}
BENCHMARK(PlanEnd)->Arg(1)->Arg(8);

// Every second learner is gone at once.
void PlanLoss(benchmark::State& state) {
  const v1::TrainingJob job = Job(static_cast<int>(state.range(0)), Stage::kRunning);
  training_job::Observed observed = Children(job, Stage::kRunning);
  bool goes = false;
  std::erase_if(observed.pods, [&](const k8s::Pod&) { return goes = !goes; });
  Run(state, job, observed);
}
BENCHMARK(PlanLoss)->Arg(8)->Arg(v1::kLearnersMax);

// No learner finds room.
void PlanWaiting(benchmark::State& state) {
  const v1::TrainingJob job = Job(static_cast<int>(state.range(0)), Stage::kStarting);
  Run(state, job, WaitingChildren(job));
}
BENCHMARK(PlanWaiting)->Arg(8)->Arg(v1::kLearnersMax);

// The most that a status may have: etcd takes 1.5 MiB, and each cache of the job holds it.
constexpr std::size_t kStatusBytesMax = std::size_t{32} << 10U;

// What status says of a job of which every second learner fails with much to say, after ten such
// attempts, and the others wait.
void StatusBytes(benchmark::State& state) {
  const v1::TrainingJob job = WeatheredJob(static_cast<int>(state.range(0)));
  const training_job::Observed observed = FailingChildren(job);
  std::size_t bytes = 0;
  for (auto _ : state) {
    const k8s::Plan plan = Decide(job, observed, OperatorSettings(), Now());
    bytes = plan.status.value().body["status"].dump().size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
  if (bytes > kStatusBytesMax) state.SkipWithError("a status must stay below kStatusBytesMax");
}
BENCHMARK(StatusBytes)->Arg(8)->Arg(v1::kLearnersMax);

}  // namespace
}  // namespace ffdl::benchmarks
