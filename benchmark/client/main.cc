// The client of benchmark/run: submits jobs at a steady rate, waits for them, and plays the null
// client.
#include <fmt/format.h>
#include <gflags/gflags.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "benchmark/client/connection.h"
#include "benchmark/client/jobs.h"
#include "benchmark/client/null_writes.h"
#include "crds/v1/json.h"

DEFINE_string(kubeconfig, "", "kubeconfig file; empty: as kubectl finds it");
DEFINE_string(namespace, "default", "namespace of the jobs");
DEFINE_string(prefix, "job", "names of the jobs are PREFIX-0, PREFIX-1, ...");
DEFINE_int32(jobs, 1, "how many jobs");
DEFINE_int32(learners, 1, "learners of each job");
DEFINE_string(runs_for, "2s", "how long each learner runs");
DEFINE_double(rate, 10, "submit: jobs per second");
DEFINE_string(state, "Completed", "wait: for all jobs to be in this state");
DEFINE_int32(timeout_seconds, 120, "wait: gives up then");
DEFINE_int32(services, 0, "null: how many Services to create");
DEFINE_int32(learner_sets, 0, "null: how many StatefulSets to apply");
DEFINE_int32(statuses, 0, "null: how many statuses to apply");
DEFINE_int32(events, 0, "null: how many events to create");

namespace ffdl::benchmarks {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

k8s::Result<void> Submit(Connection& connection, const JobKind& kind) {
  const auto start = SteadyClock::now();
  for (int i = 0; i < FLAGS_jobs; ++i) {
    std::this_thread::sleep_until(start + Seconds(i / FLAGS_rate));
    if (auto sent = SendOk(connection, CreateJob(kind, i)); !sent)
      return k8s::unexpected(sent.error());
  }
  return {};
}

k8s::Result<void> Wait(Connection& connection, const JobKind& kind) {
  const auto end = SteadyClock::now() + std::chrono::seconds(FLAGS_timeout_seconds);
  std::ptrdiff_t there = 0;
  while (SteadyClock::now() < end) {
    const auto jobs = ListJobs(connection, kind);
    if (!jobs) return k8s::unexpected(jobs.error());
    there = std::ranges::count_if(
        *jobs, [](const auto& job) { return v1::ToString(job.status.state) == FLAGS_state; });
    if (there >= FLAGS_jobs) return {};
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  return k8s::Fail(k8s::ErrorCode::kUnavailable,
                   fmt::format("after {} s {} of {} jobs are {}", FLAGS_timeout_seconds, there,
                               FLAGS_jobs, FLAGS_state));
}

double CpuMs() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) * 1e-3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

// Prints the number of requests and the CPU milliseconds that they took, without preparing them.
k8s::Result<void> Null(Connection& connection, const JobKind& kind) {
  const auto jobs = ListJobs(connection, kind);
  if (!jobs) return k8s::unexpected(jobs.error());
  const auto requests = NullWrites(*jobs, {.services = FLAGS_services,
                                           .learner_sets = FLAGS_learner_sets,
                                           .statuses = FLAGS_statuses,
                                           .events = FLAGS_events});
  const double before = CpuMs();
  for (const Request& request : requests) {
    if (auto sent = SendOk(connection, request); !sent) return k8s::unexpected(sent.error());
  }
  fmt::print("{} {:.1f}\n", requests.size(), CpuMs() - before);
  return {};
}

k8s::Result<void> Run(const std::string& command) {
  k8s::ConfigSources sources = k8s::SourcesFromEnvironment();
  sources.kubeconfig = FLAGS_kubeconfig;
  auto cluster = k8s::LoadClusterConfig(sources);
  if (!cluster) return k8s::unexpected(cluster.error());
  auto connection = Connection::Open(std::move(*cluster));
  if (!connection) return k8s::unexpected(connection.error());
  const JobKind kind{.ns = FLAGS_namespace,
                     .prefix = FLAGS_prefix,
                     .learners = FLAGS_learners,
                     .runs_for = FLAGS_runs_for};
  if (command == "submit") return Submit(**connection, kind);
  if (command == "wait") return Wait(**connection, kind);
  if (command == "null") return Null(**connection, kind);
  return k8s::Fail(k8s::ErrorCode::kInvalid, "the command must be submit, wait or null");
}

}  // namespace
}  // namespace ffdl::benchmarks

int main(int argc, char** argv) {
  gflags::SetUsageMessage("ffdl_bench_client [flags] submit|wait|null");
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  const auto done = ffdl::benchmarks::Run(argc == 2 ? argv[1] : "");
  if (done) return EXIT_SUCCESS;
  fmt::print(stderr, "ffdl_bench_client: {}\n", done.error().message);
  return EXIT_FAILURE;
}
