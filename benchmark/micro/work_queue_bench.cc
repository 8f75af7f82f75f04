// A key through the work queue: added, taken, done.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "k8s-client/meta/time.h"
#include "k8s-client/runtime/work_queue.h"

namespace ffdl::benchmarks {
namespace {

// Runs nothing: the benchmark uses no delays.
class IdleLoop final : public k8s::EventLoop {
 public:
  void Post(std::function<void()> /*work*/) override {}
  TimerId After(std::chrono::milliseconds /*delay*/, std::function<void()> /*work*/) override {
    return ++last_;
  }
  void Cancel(TimerId /*timer*/) override {}

 private:
  TimerId last_ = 0;
};

// With `range` other keys waiting.
void AddTakeDone(benchmark::State& state) {
  IdleLoop loop;
  k8s::Random random(1);
  k8s::Metrics metrics;
  k8s::WorkQueue queue({.name = "benchmark"}, loop,
                       {.clock = k8s::SystemClock(), .random = random, .metrics = metrics});
  queue.Open();
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    queue.Add({.ns = "team-vision", .name = "job-" + std::to_string(i)}, k8s::Lane::kChild);
  }
  const k8s::ObjectKey key{.ns = "team-vision", .name = "bert-large"};
  for (auto _ : state) {
    queue.Add(key, k8s::Lane::kChild);
    queue.Add(key, k8s::Lane::kChild);  // a second event of the same job, as is usual
    const auto taken = queue.TryTake();
    queue.Done(taken->key);
    if (state.range(0) > 0) queue.Add(taken->key, k8s::Lane::kChild);
  }
}
BENCHMARK(AddTakeDone)->Arg(0)->Arg(10'000);

}  // namespace
}  // namespace ffdl::benchmarks
