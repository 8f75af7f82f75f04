// The catalogue of frameworks as the cluster shows it: one ConfigMap, with a watch of its own.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "crds/v1/framework_catalogue.h"
#include "k8s-client/informer/informer.h"
#include "k8s-client/informer/outage.h"
#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/workload.h"
#include "k8s-client/runtime/context.h"

namespace ffdl::server {

// Not one of the Caches, because nothing waits for it: without a catalogue, or without the right to
// read it, only jobs that name no image wait. A ConfigMap that is malformed leaves the catalogue
// before it in force.
class Catalogue {
 public:
  // Borrows the outage, the transport and what the context borrows. Watches nothing without a name.
  Catalogue(k8s::ObjectKey config_map, k8s::Outage& outage, k8s::Transport& watches,
            k8s::RuntimeContext context);
  ~Catalogue() = default;
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  // Before Start. Called on the transport's loop when Current says something else.
  void OnChange(std::function<void()> changed) { changed_ = std::move(changed); }
  void Start();

  // Any thread.
  [[nodiscard]] v1::FrameworkCatalogue Current() const;

 private:
  void Take(const k8s::ConfigMap* map);
  void TakeTrouble(std::string trouble);
  void Publish(v1::FrameworkCatalogue next);

  const k8s::ObjectKey key_;
  const std::string name_;  // "ConfigMap ffdl-system/ffdl-frameworks"
  const k8s::RuntimeContext context_;
  std::function<void()> changed_;
  mutable std::mutex mutex_;
  v1::FrameworkCatalogue current_;
  std::optional<k8s::Informer<k8s::ConfigMap>> informer_;
};

}  // namespace ffdl::server
