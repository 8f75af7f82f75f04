// Objects in a store: what keeping, finding and re-reading them costs, and how many bytes one
// takes.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstddef>
#include <string>
#include <utility>

#include "benchmark/micro/fixtures.h"
#include "crds/v1/compact_tables.h"
#include "k8s-client/informer/readers.h"
#include "k8s-client/informer/store.h"
#include "k8s-client/meta/compact_tables.h"

namespace ffdl::benchmarks {
namespace {

k8s::Pod PodOf(int ordinal) {
  k8s::PaddedBuffer buffer;
  return *k8s::ReadPod(buffer.Assign(PodText(Job(1, Stage::kNew), ordinal, Stage::kRunning)));
}

// As the API server would send the `number`th of many.
template <typename T>
T Renamed(T object, int number) {
  object.meta.key.name = "job-" + std::to_string(number) + "-learner-0";
  object.meta.labels["statefulset.kubernetes.io/pod-name"] = object.meta.key.name;
  std::string uid = object.meta.uid;
  const std::string digits = std::to_string(number);
  uid.replace(uid.size() - digits.size(), digits.size(), digits);
  object.meta.uid = uid;
  return object;
}

template <typename T>
void Fill(benchmark::State& state, const T& object) {
  const int count = static_cast<int>(state.range(0));
  std::size_t allocated = 0;
  std::size_t bytes = 0;
  for (auto _ : state) {
    k8s::Store<T> store;
    const std::size_t before = mallinfo2().uordblks;
    store.BeginFill();
    for (int i = 0; i < count; ++i) store.Put(Renamed(object, i));
    store.EndFill("1");
    allocated = mallinfo2().uordblks - before;
    bytes = store.bytes();
  }
  state.SetItemsProcessed(state.iterations() * count);
  state.counters["bytes/object"] = static_cast<double>(bytes) / count;
  state.counters["allocated/object"] = static_cast<double>(allocated) / count;
}

void FillPods(benchmark::State& state) { Fill(state, PodOf(0)); }
BENCHMARK(FillPods)->Arg(10'000);

void FillJobs(benchmark::State& state) { Fill(state, Job(1, Stage::kRunning)); }
BENCHMARK(FillJobs)->Arg(10'000);

template <typename T>
void Get(benchmark::State& state, const T& object) {
  k8s::Store<T> store;
  store.Put(object);
  for (auto _ : state) {
    auto found = store.Get(object.meta.key);
    benchmark::DoNotOptimize(found);
  }
}

void GetPod(benchmark::State& state) { Get(state, PodOf(0)); }
BENCHMARK(GetPod);

void GetJob(benchmark::State& state) { Get(state, Job(1, Stage::kRunning)); }
BENCHMARK(GetJob);

void PutPodWithoutNews(benchmark::State& state) {
  k8s::Store<k8s::Pod> store;
  k8s::Pod pod = PodOf(0);
  std::int64_t version = 1'000'000;
  for (auto _ : state) {
    pod.meta.resource_version = std::to_string(++version);
    benchmark::DoNotOptimize(store.Put(pod));
  }
}
BENCHMARK(PutPodWithoutNews);

}  // namespace
}  // namespace ffdl::benchmarks
