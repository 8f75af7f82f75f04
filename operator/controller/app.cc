#include "operator/controller/app.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <future>
#include <utility>

#include "operator/controller/log.h"
#include "operator/controller/process_metrics.h"

namespace ffdl::server {
namespace {

constexpr std::string_view kFieldManager = "ffdl-operator";

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

// Renewed credentials need a moment to spread; after this long somebody must look.
constexpr std::chrono::minutes kRefusedMax{5};

// One for all transports; null when the kubeconfig names none.
k8s::Result<std::shared_ptr<k8s::ExecSource>> StartPlugin(const k8s::ClusterConfig& cluster) {
  if (!cluster.exec) return nullptr;
  return k8s::ExecSource::Start(*cluster.exec, k8s::SystemClock());
}

// `adaptive`: fewer requests at once when the server has too much; neither a lease nor a watch may
// wait for that.
k8s::Result<std::unique_ptr<k8s::CurlTransport>> Open(const k8s::ClusterConfig& cluster,
                                                      std::shared_ptr<k8s::ExecSource> plugin,
                                                      std::string name, bool adaptive) {
  k8s::CurlTransportOptions options{.thread_name = std::move(name),
                                    .in_flight = {.adaptive = adaptive}};
  options.notice = [](std::string_view line) { Write(k8s::LogLevel::kWarning, line); };
  return k8s::CurlTransport::Open(cluster, std::move(options), nullptr, std::move(plugin));
}

k8s::LeaderElectorOptions ElectorOptions(const Options& options, const std::string& own_namespace,
                                         k8s::Random& random) {
  return {.lease = {.ns = options.lease_namespace.empty() ? own_namespace : options.lease_namespace,
                    .name = options.lease_name},
          .identity = k8s::MakeIdentity(HostName(), random),
          .lease_duration = options.lease_duration,
          .renew_deadline = options.renew_deadline,
          .retry_period = options.retry_period};
}

http::Response Probe(const k8s::Health::Report& report) {
  return {.status = report.ok ? 200 : 503, .body = report.text + (report.ok ? "ok\n" : "not ok\n")};
}

}  // namespace

k8s::Result<std::unique_ptr<App>> App::Create(const Options& options,
                                              const k8s::ClusterConfig& cluster) {
  const auto plugin = StartPlugin(cluster);
  if (!plugin) return k8s::unexpected(plugin.error());
  Transports transports;
  for (auto& [slot, name] :
       {std::pair{&transports.lease, "k8s-lease"}, std::pair{&transports.watches, "k8s-watches"},
        std::pair{&transports.requests, "k8s-requests"}}) {
    auto opened = Open(cluster, *plugin, name, /*adaptive=*/slot == &transports.requests);
    if (!opened) return k8s::unexpected(opened.error());
    *slot = std::move(*opened);
  }
  std::unique_ptr<App> app(new App(options, cluster, std::move(transports)));
  app->Wire();
  auto listening = http::Server::Listen(options.http_address, http::Route(app->Routes()));
  if (!listening) return k8s::unexpected(listening.error());
  app->http_ = std::move(*listening);
  return app;
}

App::App(const Options& options, const k8s::ClusterConfig& cluster, Transports transports)
    : options_(options),
      random_(k8s::SystemSeed()),
      context_{.clock = k8s::SystemClock(), .random = random_, .metrics = metrics_, .log = &Write},
      transports_(std::move(transports)),
      requests_(*transports_.requests, k8s::SystemClock()),
      health_(k8s::SystemClock()),
      caches_(options.watch_namespace, *transports_.watches, context_),
      training_jobs_(caches_, {.agent_image = options.agent_image,
                               .agent_pull_policy = options.agent_pull_policy,
                               .gpu_resource = options.gpu_resource}),
      events_({.controller = "ffdl.io/operator", .instance = HostName()}, *transports_.requests,
              context_),
      elector_(options.leader_elect
                   ? std::make_unique<k8s::LeaderElector>(
                         ElectorOptions(options, cluster.ns, random_), *transports_.lease,
                         k8s::LeaderElector::Callbacks{.on_started =
                                                           [this] {
                                                             leads_ = true;
                                                             MaybeWork();
                                                           },
                                                       .on_lost = [this] { lost_(); }},
                         context_)
                   : nullptr),
      controller_(
          {.name = "trainingjob",
           .field_manager = std::string(kFieldManager),
           .workers = options.workers},
          [this](const k8s::ObjectKey& key, k8s::Time now) {
            return training_jobs_.Plan(key, now);
          },
          [this](const k8s::ObjectKey& key) { return training_jobs_.Describe(key); }, requests_,
          elector_ ? static_cast<const k8s::WriteGate&>(*elector_) : open_gate_, events_,
          context_) {}

// Nothing may call back into what is already gone: whoever calls ends first, and joins its threads.
// The controller still cancels timers of the requests' loop when it ends, so that one goes last;
// nothing of the controller is in flight there, because Stop has waited for it or nothing ever
// began.
App::~App() {
  http_.reset();
  transports_.watches.reset();
  transports_.lease.reset();
}

void App::Wire() {
  health_.WatchLoop("lease", transports_.lease->loop());
  health_.WatchLoop("watches", transports_.watches->loop());
  health_.WatchLoop("requests", transports_.requests->loop());
  health_.AddReadyCheck("credentials", [this] {
    if (transports_.requests->refused_for() < kRefusedMax) return std::string();
    return std::string("the API server has refused our credentials for more than five minutes");
  });
  caches_.ForEach([this](auto& informer) {
    controller_.Use(informer);
    informer.OnProgress([this] { MaybeWork(); });
    health_.AddReadyCheck(std::string(informer.type().plural), [&informer] {
      return informer.synced() ? std::string() : informer.state();
    });
    informer.store().OnChange([this](const auto& before, const auto& after) {
      const k8s::ObjectMeta& meta = (after ? after : before)->meta;
      if constexpr (std::is_same_v<std::decay_t<decltype(*after)>, v1::TrainingJob>) {
        controller_.Enqueue(meta.key);
      } else if (const auto job = JobOf(meta)) {
        controller_.Enqueue(*job);
      }
    });
  });
  caches_.jobs.store().OnUndecodable(
      [this](const k8s::Undecodable& job) { controller_.Enqueue(job.identity.key); });
  caches_.OnReached([this] { controller_.RetryNow(); });
  controller_.OnRefill([this] {
    for (const auto& key : caches_.jobs.store().Keys()) controller_.Enqueue(key);
  });
  controller_.OnHopeless([this](const k8s::ObjectKey& key, const k8s::Error& error) {
    training_jobs_.OnRefused(key, error, context_.clock.Now());
  });
}

void App::Start(std::function<void()> lost) {
  lost_ = std::move(lost);
  caches_.ForEach([](auto& informer) { informer.Start(); });
  if (elector_) {
    elector_->Start();
  } else {
    leads_ = true;
  }
}

bool App::Synced() {
  bool all = true;
  caches_.ForEach([&](auto& informer) { all = all && informer.synced(); });
  return all;
}

// A standby keeps its caches and its queue warm, and waits here.
void App::MaybeWork() {
  if (working_ || !leads_ || !Synced() || working_.exchange(true)) return;
  Write(k8s::LogLevel::kInfo, fmt::format("working: {} jobs", caches_.jobs.store().size()));
  controller_.StartWorking();
}

void App::Stop() {
  const auto wait = [](std::future<void> done) { return done.wait_for(kStopMax / 2); };
  auto drained = std::make_shared<std::promise<void>>();
  auto drained_future = drained->get_future();
  controller_.Stop([drained] { drained->set_value(); });
  if (wait(std::move(drained_future)) != std::future_status::ready) {
    Write(k8s::LogLevel::kError,
          "writes in flight did not end in time; the lease is left to expire");
    _exit(EXIT_FAILURE);
  }
  if (!elector_) return;
  auto released = std::make_shared<std::promise<void>>();
  auto released_future = released->get_future();
  elector_->Stop([released] { released->set_value(); });
  (void)wait(std::move(released_future));
}

http::GetRoutes App::Routes() {
  return {{"/healthz", [this](const http::Request&) { return Probe(health_.Alive()); }},
          {"/readyz", [this](const http::Request&) { return Probe(health_.Ready()); }},
          {"/metrics", [this](const http::Request&) {
             return http::Response{.content_type = std::string(k8s::Metrics::kTextContentType),
                                   .body = metrics_.Text() + ProcessMetricsText()};
           }}};
}

}  // namespace ffdl::server
