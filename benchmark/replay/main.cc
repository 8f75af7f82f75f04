// How the operator does beside very many jobs, and how soon it answers an event: a real process
// against an API server that is replayed, so that neither etcd nor other controllers take part.
#include <fmt/format.h>
#include <gflags/gflags.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <thread>
#include <vector>

#include "benchmark/replay/api.h"
#include "benchmark/replay/arrivals.h"
#include "benchmark/replay/lives.h"
#include "benchmark/replay/null_list.h"
#include "benchmark/replay/poison.h"
#include "benchmark/replay/process.h"
#include "benchmark/replay/world.h"
#include "test/wire/authority.h"

DEFINE_string(operator, "", "the program ffdl-operator");
DEFINE_int32(jobs, 1000, "running jobs that are there from the start");
DEFINE_int32(learners, 4, "learners of each");
DEFINE_int32(samples, 200, "jobs that arrive, end and fail for the latencies; 0 leaves them out");
DEFINE_int32(events, 1000, "events a second while jobs arrive");
DEFINE_int32(lives, 0, "jobs that live from their creation to their end, one after the other");
DEFINE_int32(pause_ms, 10, "between two events of such a life");
DEFINE_string(out, "", "folder for kubeconfig and log; empty: a temporary one");

namespace ffdl::benchmarks {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr int kFirstLife = 900'000;  // beyond the numbers of other jobs

double MsBetween(SteadyTime from, SteadyTime to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

std::string JobPath(int number) {
  return fmt::format("/apis/ffdl.io/v1/namespaces/{}/trainingjobs/{}", kReplayNamespace,
                     World::NameOf(number));
}

void Note(const std::string& figure, double value) { fmt::print("{} {:.3f}\n", figure, value); }

void NotePercentiles(const std::string& figure, std::vector<double> values) {
  if (values.empty()) return;
  std::ranges::sort(values);
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(
        std::lround(static_cast<double>(values.size() - 1) * share))];
  };
  Note(figure + "_p50_ms", at(0.5));
  Note(figure + "_p99_ms", at(0.99));
}

void FillLists(ReplayApi& api, const World& world) {
  std::map<std::string, std::string> lists;
  for (int job = 0; job < FLAGS_jobs; ++job) {
    lists["trainingjobs"] += EventLine("ADDED", world.Job(job, Stage::kRunning));
    lists["services"] += EventLine("ADDED", world.Service(job));
    lists["statefulsets"] += EventLine("ADDED", world.LearnerSet(job));
    for (int i = 0; i < world.learners(); ++i) {
      lists["pods"] += EventLine("ADDED", world.Pod(job, i, Stage::kRunning));
    }
  }
  // One that has nothing yet: the first thing there is to do.
  const std::string fresh = world.Job(FLAGS_jobs, Stage::kNew);
  api.Put(JobPath(FLAGS_jobs), fresh);
  lists["trainingjobs"] += EventLine("ADDED", fresh);
  for (auto& [plural, lines] : lists) api.SetList(plural, std::move(lines));
}

// Jobs arrive, from number `first` on, among events that tell of nothing that matters to them:
// `other` sends the nth of those.
void MeasureArrivals(ReplayApi& api, const World& world, Arrivals& arrivals, int first,
                     const std::function<void(int)>& other, const std::string& figure) {
  const int per_job = std::max(1, FLAGS_events / 50);
  const auto start = SteadyClock::now();
  std::map<int, SteadyTime> sent;
  for (int i = 0; i < FLAGS_samples * per_job; ++i) {
    std::this_thread::sleep_until(start +
                                  i * std::chrono::nanoseconds(1'000'000'000 / FLAGS_events));
    if (i % per_job != 0) {
      other(i);
      continue;
    }
    const int job = first + (i / per_job);
    const std::string text = WithVersion(world.Job(job, Stage::kNew), api.NextVersion());
    api.Put(JobPath(job), text);
    sent[job] = SteadyClock::now();
    api.Push("trainingjobs", EventLine("ADDED", text));
  }
  std::vector<double> waits;
  for (const auto& [job, at] : sent) {
    waits.push_back(MsBetween(at, arrivals.Await(World::NameOf(job) + " child")));
  }
  NotePercentiles(figure, waits);
}

// Among pods of others whose status changes, and among changes of jobs that come to nothing.
void MeasureAllArrivals(ReplayApi& api, const World& world, Arrivals& arrivals) {
  const auto pod = [&](int i) {
    if (FLAGS_jobs == 0) return;
    api.Push("pods",
             EventLine("MODIFIED", WithVersion(world.Pod(i % FLAGS_jobs, 0, Stage::kRunning),
                                               api.NextVersion())));
  };
  const int first = FLAGS_jobs + 1;
  MeasureArrivals(api, world, arrivals, first, pod, "event_to_write");
  const Poison poison(api, world);
  std::this_thread::sleep_for(2s);  // each has been refused once
  MeasureArrivals(
      api, world, arrivals, first + FLAGS_samples,
      [&](int i) { api.Push("trainingjobs", poison.Change(i)); }, "beside_poison");
}

// The learners of one running job after the other end, or one of them fails.
void MeasureEnds(ReplayApi& api, const World& world, Arrivals& arrivals, bool fail) {
  std::vector<double> waits;
  const int count = std::min(FLAGS_samples, FLAGS_jobs / 2);
  for (int i = 0; i < count; ++i) {
    const int job = (2 * i) + (fail ? 1 : 0);
    api.Put(JobPath(job), world.Job(job, Stage::kRunning));
    for (int learner = 0; learner < (fail ? 1 : world.learners()); ++learner) {
      const std::string pod =
          fail ? world.FailedPod(job, learner) : world.Pod(job, learner, Stage::kSucceeded);
      api.Push("pods", EventLine("MODIFIED", WithVersion(pod, api.NextVersion())));
    }
    const SteadyTime sent = SteadyClock::now();
    waits.push_back(
        MsBetween(sent, arrivals.Await(World::NameOf(job) + (fail ? " status" : " end"))));
    std::this_thread::sleep_for(10ms);
  }
  NotePercentiles(fail ? "failure_to_write" : "end_to_told", waits);
}

// Their number is the difference between two runs when it is instructions that are counted.
void MeasureLives(ReplayApi& api, const World& world, Arrivals& arrivals, const Process& process) {
  const double cpu_before = process.CpuMs();
  const int writes_before = arrivals.count();
  for (int i = 0; i < FLAGS_lives; ++i) {
    Live(api, world, arrivals, kFirstLife + i, std::chrono::milliseconds(FLAGS_pause_ms));
  }
  std::this_thread::sleep_for(2s);  // events for people wait for more of their kind
  Note("life_cpu_ms", (process.CpuMs() - cpu_before) / FLAGS_lives);
  Note("life_writes", static_cast<double>(arrivals.count() - writes_before) / FLAGS_lives);
}

std::string WriteKubeconfig(const std::string& folder, const std::string& url,
                            const std::string& authority) {
  std::ofstream(folder + "/ca.crt") << authority;
  std::ofstream(folder + "/kubeconfig") << fmt::format(R"(apiVersion: v1
kind: Config
current-context: replay
contexts: [{{name: replay, context: {{cluster: replay, user: replay, namespace: ffdl-system}}}}]
clusters: [{{name: replay, cluster: {{server: "{}", certificate-authority: ca.crt}}}}]
users: [{{name: replay, user: {{token: none}}}}]
)",
                                                       url);
  return folder + "/kubeconfig";
}

// The server waits for its watches, which only then end.
struct CloseAtEnd {
  ReplayApi& api;
  ~CloseAtEnd() { api.Close(); }
};

void Run(const std::string& folder) {
  const World world(FLAGS_learners);
  Arrivals arrivals;
  ReplayApi api([&](const ReplayApi::Write& write) { arrivals.Note(write); });
  FillLists(api, world);
  const test::Authority authority;
  test::ScriptedServer server(authority, {},
                              [&](const auto& request, auto& peer) { api.Serve(request, peer); });
  const CloseAtEnd close{api};
  const std::string kubeconfig = WriteKubeconfig(folder, server.url(), authority.pem());
  Note("list_ms",
       TimeOfLists(server.url(), authority.pem(),
                   {"trainingjobs", "services", "persistentvolumeclaims", "statefulsets", "pods"})
           .count());
  const SteadyTime started = SteadyClock::now();
  Process process(
      {FLAGS_operator, "--kubeconfig", kubeconfig, "--leader_elect=false", "--http_address",
       "127.0.0.1:0", "--agent_image", OperatorSettings().agent_image},
      folder + "/operator.log");
  const SteadyTime wrote = arrivals.Await(World::NameOf(FLAGS_jobs) + " child");
  Note("start_to_write_ms", MsBetween(started, wrote));
  Note("start_cpu_ms", process.CpuMs());
  std::this_thread::sleep_for(8s);  // what a start leaves behind is given back by then
  Note("writes_for_running_jobs", arrivals.count() - 4);  // four for the one that was new
  Note("resident_mib", process.Mib("VmRSS"));
  Note("anonymous_mib", process.Mib("RssAnon"));
  Note("peak_mib", process.Mib("VmHWM"));
  if (FLAGS_samples > 0) {
    MeasureAllArrivals(api, world, arrivals);
    MeasureEnds(api, world, arrivals, /*fail=*/false);
    MeasureEnds(api, world, arrivals, /*fail=*/true);
  }
  if (FLAGS_lives > 0) MeasureLives(api, world, arrivals, process);
}

}  // namespace
}  // namespace ffdl::benchmarks

int main(int argc, char** argv) {
  gflags::SetUsageMessage("ffdl_bench_replay --operator PROGRAM [--jobs N] [--learners N]");
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  try {
    namespace fs = std::filesystem;
    std::string folder = FLAGS_out;
    if (folder.empty())
      folder = fs::temp_directory_path() / fmt::format("ffdl-replay-{}", getpid());
    fs::create_directories(folder);
    ffdl::benchmarks::Run(folder);
    if (FLAGS_out.empty()) fs::remove_all(folder);
  } catch (const std::exception& error) {
    fmt::print(stderr, "ffdl_bench_replay: {}\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
