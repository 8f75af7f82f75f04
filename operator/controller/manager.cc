#include "operator/controller/manager.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "operator/controller/enqueue.h"

namespace ffdl::server {
namespace {

constexpr std::string_view kFieldManager = "ffdl-operator";

std::string OwnNamespace(const Options& options, const Manager::Host& host) {
  return options.lease_namespace.empty() ? host.ns : options.lease_namespace;
}

k8s::LeaderElectorOptions ElectorOptions(const Options& options, const Manager::Host& host,
                                         k8s::Random& random) {
  return {.lease = {.ns = OwnNamespace(options, host), .name = options.lease_name},
          .identity = k8s::MakeIdentity(host.name, random),
          .lease_duration = options.lease_duration,
          .renew_deadline = options.renew_deadline,
          .retry_period = options.retry_period};
}

}  // namespace

Manager::Manager(const Options& options, const Host& host, Transports transports,
                 k8s::RuntimeContext context, NewKey new_key)
    : context_(std::move(context)),
      requests_(transports.requests, context_.clock),
      caches_(options.watch_namespace, outage_, transports.watches, context_),
      job_metrics_(context_.metrics),
      traces_(transports.traces, context_),
      catalogue_({.ns = OwnNamespace(options, host), .name = options.frameworks}, outage_,
                 transports.watches, context_),
      training_jobs_(caches_, catalogue_,
                     {.agent_image = options.agent_image,
                      .agent_pull_policy = options.agent_pull_policy,
                      .gpu_resource = options.gpu_resource,
                      .lost_node_patience = options.lost_node_patience},
                     std::move(new_key)),
      // Events need no lease, but of a process that slept through the end of its own nothing more
      // may be heard.
      events_({.controller = "ffdl.io/operator",
               .instance = host.name,
               .silenced = [this] { return overdue(); }},
              transports.requests, context_),
      elector_(options.leader_elect
                   ? std::make_unique<k8s::LeaderElector>(
                         ElectorOptions(options, host, context_.random), transports.lease,
                         k8s::LeaderElector::Callbacks{.on_started = [this] { Lead(); },
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
          gate(), events_, context_) {
  Wire();
}

const k8s::WriteGate& Manager::gate() const {
  if (elector_) return *elector_;
  return open_gate_;
}

void Manager::Wire() {
  caches_.ForEach([this](auto& informer) {
    controller_.Use(informer);
    informer.OnProgress([this] { MaybeWork(); });
  });
  caches_.pods.OnChange([this](const auto&, const auto& after, bool /*first_fill*/) {
    if (after) training_jobs_.OnPodChange(*after, context_.clock.Now());
  });
  EnqueueChanges(caches_, training_jobs_, controller_, context_);
  caches_.jobs.OnChange([this](const auto& before, const auto& after, bool) {
    job_metrics_.Note(before.get(), after.get());
    traces_.Note(before.get(), after.get());
  });
  context_.metrics.BeforeText(lifeline_.Guard([this] { job_metrics_.Refresh(); }));
  catalogue_.OnChange([this] {
    for (const k8s::ObjectKey& job : training_jobs_.WaitingForCatalogue()) {
      controller_.Enqueue(job, k8s::Lane::kChild);
    }
  });
  outage_.OnOver([this] { controller_.RetryNow(); });
  controller_.OnHopeless([this](const k8s::ObjectKey& key, const k8s::Error& error) {
    training_jobs_.OnRefused(key, error, context_.clock.Now());
  });
}

void Manager::Start(std::function<void()> lost) {
  lost_ = std::move(lost);
  caches_.ForEach([](auto& informer) { informer.Start(); });
  catalogue_.Start();
  if (elector_) {
    elector_->Start();
  } else {
    leads_ = true;
  }
}

void Manager::Lead() {
  leads_ = true;
  MaybeWork();
}

// A standby keeps its caches and its queue warm, and waits here.
void Manager::MaybeWork() {
  if (working_ || !leads_ || !caches_.synced() || working_.exchange(true)) return;
  context_.log(k8s::LogLevel::kInfo, fmt::format("working: {} jobs", caches_.jobs.store().size()));
  job_metrics_.Lead();
  traces_.Lead();
  controller_.StartWorking();
}

void Manager::Drain(std::function<void()> drained) { controller_.Stop(std::move(drained)); }

void Manager::Release(std::function<void()> released) {
  if (elector_) {
    elector_->Stop(std::move(released));
  } else {
    released();
  }
}

void Manager::FlushEvents(std::function<void()> flushed) { events_.Flush(std::move(flushed)); }

}  // namespace ffdl::server
