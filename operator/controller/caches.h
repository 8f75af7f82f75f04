// Everything the operator watches.
#pragma once

#include <string>

#include "crds/v1/compact_tables.h"
#include "crds/v1/json.h"
#include "crds/v1/names.h"
#include "crds/v1/training_job.h"
#include "k8s-client/informer/informer.h"
#include "k8s-client/informer/outage.h"
#include "k8s-client/informer/readers.h"
#include "k8s-client/meta/workload.h"
#include "reconcilers/training_job/waiting.h"

namespace ffdl::server {

// Seven watches: the jobs, and of their children only those that carry our label. Construct, set
// handlers, then Start. Lives and dies on the owner's thread; its stores are read by any.
struct Caches {
  // Borrows the outage, the transport and what the context borrows.
  Caches(const std::string& ns, k8s::Outage& outage, k8s::Transport& watches,
         const k8s::RuntimeContext& context)
      : jobs(
            {.type = v1::kTrainingJobType, .ns = ns, .outage = &outage},
            [](k8s::PaddedJson json) { return v1::ParseTrainingJob(json.text); }, watches, context),
        services(Children(outage, k8s::kServiceType, ns), &k8s::ReadService, watches, context),
        claims(Children(outage, k8s::kClaimType, ns), &k8s::ReadClaim, watches, context),
        network_policies(Children(outage, k8s::kNetworkPolicyType, ns), &k8s::ReadPolicy, watches,
                         context),
        disruption_budgets(Children(outage, k8s::kDisruptionBudgetType, ns), &k8s::ReadPolicy,
                           watches, context),
        learner_sets(Children(outage, k8s::kStatefulSetType, ns), &k8s::ReadStatefulSet, watches,
                     context),
        pods(Children(outage, k8s::kPodType, ns), &ReadPod, watches, context) {}

  template <typename F>
  void ForEach(F&& use) {
    use(jobs);
    use(services);
    use(claims);
    use(network_policies);
    use(disruption_budgets);
    use(learner_sets);
    use(pods);
  }

  // Whether each of them has been filled once. Any thread.
  [[nodiscard]] bool synced() {
    bool all = true;
    ForEach([&](const auto& informer) { all = all && informer.synced(); });
    return all;
  }

  k8s::Informer<v1::TrainingJob> jobs;
  k8s::Informer<k8s::Service> services;
  k8s::Informer<k8s::Claim> claims;
  k8s::Informer<k8s::Policy> network_policies;
  k8s::Informer<k8s::Policy> disruption_budgets;
  k8s::Informer<k8s::StatefulSet> learner_sets;
  k8s::Informer<k8s::Pod> pods;

 private:
  static k8s::ReflectorOptions Children(k8s::Outage& outage, const k8s::ResourceType& type,
                                        const std::string& ns) {
    return {.type = type,
            .ns = ns,
            .label_selector = std::string(v1::kManagedSelector),
            .outage = &outage};
  }

  // Most of what a kubelet tells while a learner starts changes no decision and need not wake one.
  static k8s::Result<k8s::Pod> ReadPod(k8s::PaddedJson json) {
    k8s::Result<k8s::Pod> pod = k8s::ReadPod(json);
    if (pod) training_job::ForgetOrdinaryStart(*pod);
    return pod;
  }
};

}  // namespace ffdl::server
