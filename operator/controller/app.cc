#include "operator/controller/app.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <future>
#include <utility>
#include <vector>

#include "k8s-client/api/blocking.h"
#include "k8s-client/auth/server_url.h"
#include "operator/controller/log.h"
#include "operator/controller/process_metrics.h"

namespace ffdl::server {
namespace {

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

// Renewed credentials need a moment to spread; after this long somebody must look.
constexpr std::chrono::minutes kRefusedMax{5};

// What a loop may take to tell what it is doing, before a page says that it does not.
constexpr std::chrono::seconds kReportMax{1};

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

// To a collector, who is told nothing of the cluster's credentials.
k8s::Result<std::unique_ptr<k8s::CurlTransport>> OpenTraces(const std::string& endpoint) {
  if (endpoint.empty()) return nullptr;
  const auto url = k8s::ParseServerUrl(endpoint);
  if (!url) return k8s::unexpected(url.error());
  k8s::CurlTransportOptions options{.thread_name = "otlp-traces"};
  return k8s::CurlTransport::Open({.server = url->server, .path_prefix = url->path_prefix},
                                  std::move(options));
}

http::Response Probe(const k8s::Health::Report& report) {
  return {.status = report.ok ? 200 : 503, .body = report.text + (report.ok ? "ok\n" : "not ok\n")};
}

// Whether `begin` called back in time.
bool WaitFor(std::chrono::seconds time, const std::function<void(std::function<void()>)>& begin) {
  const auto done = std::make_shared<std::promise<void>>();
  std::future<void> future = done->get_future();
  begin([done] { done->set_value(); });
  return future.wait_for(time) == std::future_status::ready;
}

// "10.96.0.1:443"
std::string HostOf(const std::string& server) {
  const std::size_t scheme = server.find("://");
  return scheme == std::string::npos ? server : server.substr(scheme + 3);
}

}  // namespace

k8s::Result<std::unique_ptr<App>> App::Create(const Options& options,
                                              const k8s::ClusterConfig& cluster) {
  const auto plugin = StartPlugin(cluster);
  if (!plugin) return k8s::unexpected(plugin.error());
  Transports transports;
  for (const auto& [slot, name] :
       {std::pair{&transports.lease, "k8s-lease"}, std::pair{&transports.watches, "k8s-watches"},
        std::pair{&transports.requests, "k8s-requests"}}) {
    auto opened = Open(cluster, *plugin, name, /*adaptive=*/slot == &transports.requests);
    if (!opened) return k8s::unexpected(opened.error());
    *slot = std::move(*opened);
  }
  auto traces = OpenTraces(options.otlp_endpoint);
  if (!traces) return k8s::unexpected(traces.error());
  transports.traces = std::move(*traces);
  std::unique_ptr<App> app(new App(options, cluster, std::move(transports)));
  app->WatchHealth();
  auto listening = http::Server::Listen(options.http_address, http::Route(app->Routes()));
  if (!listening) return k8s::unexpected(listening.error());
  app->http_ = std::move(*listening);
  if (options.debug_address.empty()) return app;
  auto debug = http::Server::Listen(options.debug_address, http::Route(app->DebugPages()));
  if (!debug) return k8s::unexpected(debug.error());
  app->debug_http_ = std::move(*debug);
  return app;
}

App::App(const Options& options, const k8s::ClusterConfig& cluster, Transports transports)
    : random_(k8s::SystemSeed()),
      context_{.clock = k8s::SystemClock(), .random = random_, .metrics = metrics_, .log = &Write},
      transports_(std::move(transports)),
      lease_(*transports_.lease, HostOf(cluster.server), context_),
      watches_(*transports_.watches, HostOf(cluster.server), context_),
      requests_(*transports_.requests, HostOf(cluster.server), context_),
      health_(k8s::SystemClock()),
      manager_(options, {.name = HostName(), .ns = cluster.ns},
               {.lease = lease_,
                .watches = watches_,
                .requests = requests_,
                .traces = transports_.traces.get()},
               context_) {}

// Nothing may call back into what is already gone: whoever calls ends first, and joins its threads.
// The controller still cancels timers of the requests' loop when it ends, so that one goes last;
// nothing of the controller is in flight there, because Stop has waited for it or nothing ever
// began.
App::~App() {
  debug_http_.reset();
  http_.reset();
  transports_.watches.reset();
  transports_.traces.reset();
  transports_.lease.reset();
}

void App::WatchHealth() {
  health_.WatchLoop("lease", transports_.lease->loop());
  health_.WatchLoop("watches", transports_.watches->loop());
  health_.WatchLoop("requests", transports_.requests->loop());
  health_.AddReadyCheck("credentials", [this] {
    if (transports_.requests->refused_for() < kRefusedMax) return std::string();
    return std::string("the API server has refused our credentials for more than five minutes");
  });
  manager_.caches().ForEach([this](auto& informer) {
    health_.AddReadyCheck(std::string(informer.type().plural), [&informer] {
      return informer.synced() ? std::string() : informer.state();
    });
    informer.OnProgress([this] { TrimOnceFilled(); });
  });
  health_.AddAliveCheck("workers", [this] {
    const auto time = manager_.controller().PlanningFor();
    if (time < k8s::Health::kTickAgeMax) return std::string();
    return fmt::format("planning for {} s",
                       std::chrono::duration_cast<std::chrono::seconds>(time).count());
  });
}

// Filling the caches leaves pages behind that nobody needs again.
void App::TrimOnceFilled() {
  if (!trimmed_ && manager_.caches().synced() && !trimmed_.exchange(true)) malloc_trim(0);
}

void App::Stop() {
  if (!WaitFor(kDrainMax, [this](auto done) { manager_.Drain(std::move(done)); })) {
    Write(k8s::LogLevel::kError,
          "writes in flight did not end in time; the lease is left to expire");
    _exit(EXIT_FAILURE);
  }
  (void)WaitFor(kReleaseMax, [this](auto done) { manager_.Release(std::move(done)); });
  (void)WaitFor(kFlushMax, [this](auto done) { manager_.FlushEvents(std::move(done)); });
}

http::GetRoutes App::DebugPages() {
  std::vector<const k8s::CacheView*> caches;
  manager_.caches().ForEach([&](const auto& informer) { caches.push_back(&informer); });
  return DebugRoutes({.caches = std::move(caches),
                      .controller = manager_.controller(),
                      .health = health_,
                      .clock = k8s::SystemClock(),
                      .transports = [this] { return ReportTransports(); }});
}

std::vector<NamedReport> App::ReportTransports() const {
  std::vector<NamedReport> reports;
  const auto add = [&reports](std::string name, k8s::CurlTransport& transport) {
    reports.push_back({.name = std::move(name),
                       .report = k8s::WaitFor<k8s::TransportReport>(
                           kReportMax, [&](auto done) { transport.Report(std::move(done)); })});
  };
  add("k8s-lease", *transports_.lease);
  add("k8s-watches", *transports_.watches);
  add("k8s-requests", *transports_.requests);
  if (transports_.traces) add("otlp-traces", *transports_.traces);
  return reports;
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
