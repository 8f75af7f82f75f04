// The operator in its surroundings: connections to the API server, the machine's clock, served
// HTTP.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/net/curl_transport.h"
#include "k8s-client/runtime/context.h"
#include "k8s-client/runtime/health.h"
#include "k8s-client/runtime/metered_transport.h"
#include "k8s-client/runtime/metrics.h"
#include "k8s-client/runtime/random.h"
#include "operator/controller/debug_pages.h"
#include "operator/controller/manager.h"
#include "operator/controller/options.h"
#include "operator/http/server.h"

namespace ffdl::server {

// Everything between the flags and the signal that ends the process. Built and destroyed on the
// main thread.
class App {
 public:
  // Connects to nothing yet but listens for HTTP. Borrows nothing.
  [[nodiscard]] static k8s::Result<std::unique_ptr<App>> Create(const Options& options,
                                                                const k8s::ClusterConfig& cluster);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // See Manager::Start; `lost` is called on another thread.
  void Start(std::function<void()> lost) { manager_.Start(std::move(lost)); }

  // Carries out what was begun, gives the lease back, tells the last events, and returns.
  void Stop();

  // How long each of these may take.
  static constexpr std::chrono::seconds kDrainMax{10};
  static constexpr std::chrono::seconds kReleaseMax{8};
  static constexpr std::chrono::seconds kFlushMax{2};

  // Whether the process must end at once: its lease has run out, and the loop that should have seen
  // it does not turn.
  [[nodiscard]] bool overdue() const { return manager_.overdue(); }

 private:
  struct Transports {
    std::unique_ptr<k8s::CurlTransport> lease;
    std::unique_ptr<k8s::CurlTransport> watches;
    std::unique_ptr<k8s::CurlTransport> requests;
    std::unique_ptr<k8s::CurlTransport> traces;  // none without --otlp_endpoint
  };

  App(const Options& options, const k8s::ClusterConfig& cluster, Transports transports);

  void WatchHealth();
  void TrimOnceFilled();
  [[nodiscard]] http::GetRoutes Routes();
  [[nodiscard]] http::GetRoutes DebugPages();
  [[nodiscard]] std::vector<NamedReport> ReportTransports() const;

  k8s::Random random_;
  k8s::Metrics metrics_;
  const k8s::RuntimeContext context_;
  Transports transports_;
  k8s::MeteredTransport lease_;  // these three count what passes
  k8s::MeteredTransport watches_;
  k8s::MeteredTransport requests_;
  k8s::Health health_;
  Manager manager_;
  std::atomic<bool> trimmed_{false};
  std::unique_ptr<http::Server> http_;
  std::unique_ptr<http::Server> debug_http_;  // none without --debug_address
};

}  // namespace ffdl::server
