#include <fmt/format.h>
#include <gflags/gflags.h>
#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "operator/controller/app.h"
#include "operator/controller/log.h"
#include "operator/controller/options.h"

DEFINE_string(kubeconfig, "",
              "kubeconfig file; empty: $KUBECONFIG, the pod's service account, ~/.kube/config");
DEFINE_string(context, "", "context of the kubeconfig; empty: its current one");
DEFINE_string(namespace, "", "namespace to watch; empty: all");
DEFINE_string(http_address, ":8080", "host:port of /healthz, /readyz and /metrics");
DEFINE_string(
    debug_address, "",
    "loopback host:port of /debug/threads, cache, queue, trace, conns and heap, which tell "
    "the names of everybody's jobs: 127.0.0.1:6060, say; empty: none");
DEFINE_string(
    otlp_endpoint, "",
    "URL of an OpenTelemetry collector that is told of each job that ends, by OTLP over HTTP "
    "with JSON: http://collector.monitoring:4318, say; empty: none");
DEFINE_string(credential_plugins, "*",
              "programs that a kubeconfig may have run to log in, separated by commas, each as the "
              "kubeconfig names it or by its whole path; *: any; empty: none");
DEFINE_string(agent_image, "", "image of this operator, from which learner pods take ffdl-launch");
DEFINE_string(agent_pull_policy, "IfNotPresent",
              "pull policy of the agent image: Always, IfNotPresent, Never");
DEFINE_string(gpu_resource, "nvidia.com/gpu", "extended resource that spec.resources.gpus counts");
DEFINE_int32(
    lost_node_patience_seconds, 60,
    "how long beyond its grace period a pod is left to a node that does not answer, before "
    "it is deleted by force; only where no claim for one node is at stake");
DEFINE_string(frameworks, "ffdl-frameworks",
              "ConfigMap in the namespace of the Lease with the images of jobs that name a "
              "framework's version; empty: none");
DEFINE_bool(leader_elect, true, "hold a Lease while working; false when only one process can run");
DEFINE_string(lease_namespace, "", "namespace of the Lease; empty: our own");
DEFINE_string(lease_name, "ffdl-operator", "name of the Lease");
DEFINE_int32(lease_duration_seconds, 15, "how long a leader that is not heard of keeps the Lease");
DEFINE_int32(renew_deadline_seconds, 10, "how long a leader tries to renew before it gives up");
DEFINE_int32(retry_period_seconds, 2,
             "time between two renewals of the Lease; a standby looks more than twice as often");
DEFINE_string(log_level, "info", "debug, info, warning or error");
DEFINE_int32(workers, 2, "threads that plan");

namespace {

using ffdl::server::App;
using ffdl::server::Options;

constexpr int kExitUsage = 2;

Options OptionsFromFlags() {
  return {.kubeconfig = FLAGS_kubeconfig,
          .context = FLAGS_context,
          .watch_namespace = FLAGS_namespace,
          .http_address = FLAGS_http_address,
          .debug_address = FLAGS_debug_address,
          .otlp_endpoint = FLAGS_otlp_endpoint,
          .credential_plugins = FLAGS_credential_plugins,
          .agent_image = FLAGS_agent_image,
          .agent_pull_policy = FLAGS_agent_pull_policy,
          .gpu_resource = FLAGS_gpu_resource,
          .lost_node_patience = std::chrono::seconds(FLAGS_lost_node_patience_seconds),
          .frameworks = FLAGS_frameworks,
          .leader_elect = FLAGS_leader_elect,
          .lease_namespace = FLAGS_lease_namespace,
          .lease_name = FLAGS_lease_name,
          .lease_duration = std::chrono::seconds(FLAGS_lease_duration_seconds),
          .renew_deadline = std::chrono::seconds(FLAGS_renew_deadline_seconds),
          .retry_period = std::chrono::seconds(FLAGS_retry_period_seconds),
          .log_level = FLAGS_log_level,
          .workers = FLAGS_workers};
}

int Complain(int exit_code, const std::string& line) {
  fmt::print(stderr, "ffdl-operator: {}\n", line);
  return exit_code;
}

// Blocked in every thread, so that main receives them by sigwait. A client that goes away must not
// end us.
sigset_t BlockSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  (void)std::signal(SIGPIPE, SIG_IGN);
  return set;
}

// Sleeps until a signal comes, and is the watchdog meanwhile: of a leader that was frozen so long
// that another may lead by now, nothing more must come, not even a clean end.
int WaitForSignal(const sigset_t& signals, const App& app) {
  constexpr timespec kLookEvery{.tv_sec = 1, .tv_nsec = 0};
  while (true) {
    const int signal = sigtimedwait(&signals, nullptr, &kLookEvery);
    if (signal > 0) return signal;
    if (!app.overdue()) continue;
    ffdl::server::Write(ffdl::k8s::LogLevel::kError, "the lease ran out unseen; ending at once");
    std::_Exit(EXIT_FAILURE);
  }
}

// Steady, in whole milliseconds. For signal handlers, too: see signal-safety(7).
std::int64_t Milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000 + now.tv_nsec / 1'000'000;
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a signal handler reads it
std::atomic<std::int64_t> asked_to_stop_at{0};

// Who asks twice does not want to wait. A handler, because the first process of a container is not
// ended by signals that it does not handle. What follows at once is the same wish: timeout(1)
// signals its child and then the group that the child is in.
void EndAtOnceOnTheNext(const sigset_t& signals) {
  constexpr std::int64_t kSameWish = 500;
  asked_to_stop_at = Milliseconds();
  struct sigaction action {};
  action.sa_handler = [](int) {
    if (Milliseconds() - asked_to_stop_at > kSameWish) _exit(EXIT_FAILURE);
  };
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

int Run(const Options& options, const ffdl::k8s::ClusterConfig& cluster, const sigset_t& signals) {
  using ffdl::k8s::LogLevel;
  auto app = App::Create(options, cluster);
  if (!app) return Complain(EXIT_FAILURE, app.error().message);
  ffdl::server::Write(LogLevel::kInfo,
                      fmt::format("ffdl-operator {} on {} ({}), HTTP on {}", FFDL_VERSION,
                                  cluster.server, cluster.origin, options.http_address));
  (*app)->Start([] {
    ffdl::server::Write(LogLevel::kError, "lost the lease; ending at once");
    std::_Exit(EXIT_FAILURE);
  });
  const int signal = WaitForSignal(signals, **app);
  ffdl::server::Write(LogLevel::kInfo, fmt::format("stopping on signal {}", signal));
  EndAtOnceOnTheNext(signals);
  (*app)->Stop();
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  // Few threads, small objects: more arenas would only keep memory that nobody uses.
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread yet
  mallopt(M_ARENA_MAX, 2);
  const sigset_t signals = BlockSignals();
  ffdl::k8s::ConfigSources sources = ffdl::k8s::SourcesFromEnvironment();
  gflags::SetVersionString(FFDL_VERSION);
  gflags::SetUsageMessage(
      "reconciles TrainingJobs.\n\n  ffdl-operator --agent_image=IMAGE [flags]\n\n"
      "Works in a cluster with its service account and outside with a kubeconfig: credential "
      "plugins, "
      "impersonation and proxies of it are used, and so are $HTTPS_PROXY and $NO_PROXY; with "
      "$DISABLE_HTTP2 requests go by HTTP/1.1. --help lists all flags.");
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  if (argc > 1)
    return Complain(kExitUsage, fmt::format("unexpected argument '{}'; see --help", argv[1]));

  const Options options = OptionsFromFlags();
  if (const auto checked = ffdl::server::Check(options); !checked) {
    return Complain(kExitUsage, checked.error().message);
  }
  sources.kubeconfig = options.kubeconfig;
  sources.context = options.context;
  sources.plugins = ffdl::server::PluginsOf(options.credential_plugins);
  const auto cluster = ffdl::k8s::LoadClusterConfig(sources);
  if (!cluster) return Complain(EXIT_FAILURE, cluster.error().message);
  ffdl::server::SetUpLog(options.log_level);
  return Run(options, *cluster, signals);
}
