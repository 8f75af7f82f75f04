// Text of the API to values and back: what each event of a watch and each status write costs.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "benchmark/micro/fixtures.h"
#include "crds/v1/json.h"
#include "k8s-client/informer/readers.h"

namespace ffdl::benchmarks {
namespace {

void CountBytes(benchmark::State& state, const std::string& text) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
  state.counters["bytes"] = static_cast<double>(text.size());
}

void ReadPod(benchmark::State& state) {
  const std::string text = PodText(Job(1, Stage::kNew), 0, Stage::kRunning);
  k8s::PaddedBuffer buffer;
  for (auto _ : state) {
    auto pod = k8s::ReadPod(buffer.Assign(text));
    benchmark::DoNotOptimize(pod);
  }
  CountBytes(state, text);
}
BENCHMARK(ReadPod);

void ParseTrainingJob(benchmark::State& state) {
  const std::string text = JobText(1, Stage::kRunning);
  for (auto _ : state) {
    auto job = v1::ParseTrainingJob(text);
    benchmark::DoNotOptimize(job);
  }
  CountBytes(state, text);
}
BENCHMARK(ParseTrainingJob);

void WriteStatus(benchmark::State& state) {
  const v1::TrainingJob job = Job(static_cast<int>(state.range(0)), Stage::kRunning);
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::string text = v1::ToJson(job.status).dump();
    bytes = text.size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(WriteStatus)->Arg(8)->Arg(5000);

}  // namespace
}  // namespace ffdl::benchmarks
