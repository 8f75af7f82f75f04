// The operator as a whole: which parts there are, who borrows whom, and in which order they start
// and stop.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/net/curl_transport.h"
#include "k8s-client/net/retrying_transport.h"
#include "k8s-client/runtime/controller.h"
#include "k8s-client/runtime/event_recorder.h"
#include "k8s-client/runtime/health.h"
#include "k8s-client/runtime/leader_elector.h"
#include "k8s-client/runtime/metrics.h"
#include "operator/controller/caches.h"
#include "operator/controller/options.h"
#include "operator/controller/training_jobs.h"
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

  // Starts watching; works as soon as the caches are filled and this process leads. `lost` is
  // called, on another thread, when the lease was lost: the process must end at once, without
  // stopping in order.
  void Start(std::function<void()> lost);

  // Carries out what was begun, gives the lease back, and returns. At most kStopMax.
  void Stop();

  static constexpr std::chrono::seconds kStopMax{20};

 private:
  struct Transports {
    std::unique_ptr<k8s::CurlTransport> lease;
    std::unique_ptr<k8s::CurlTransport> watches;
    std::unique_ptr<k8s::CurlTransport> requests;
  };

  App(const Options& options, const k8s::ClusterConfig& cluster, Transports transports);

  void Wire();
  void MaybeWork();
  [[nodiscard]] bool Synced();
  [[nodiscard]] http::GetRoutes Routes();

  const Options options_;
  k8s::Random random_;
  k8s::Metrics metrics_;
  const k8s::RuntimeContext context_;
  Transports transports_;
  k8s::RetryingTransport requests_;  // of the controller, over transports_.requests
  k8s::Health health_;
  Caches caches_;
  TrainingJobs training_jobs_;
  k8s::EventRecorder events_;
  std::function<void()> lost_;
  k8s::OpenGate open_gate_;
  std::unique_ptr<k8s::LeaderElector> elector_;  // none with --leader_elect=false
  k8s::Controller controller_;
  std::atomic<bool> leads_{false};
  std::atomic<bool> working_{false};
  std::unique_ptr<http::Server> http_;
};

}  // namespace ffdl::server
