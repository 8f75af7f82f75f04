#include "operator/controller/catalogue.h"

#include <utility>

#include "k8s-client/informer/readers.h"

namespace ffdl::server {
namespace {

k8s::ReflectorOptions Alone(const k8s::ObjectKey& key, k8s::Outage& outage) {
  return {.type = k8s::kConfigMapType,
          .ns = key.ns,
          .field_selector = "metadata.name=" + key.name,
          .outage = &outage};
}

}  // namespace

Catalogue::Catalogue(k8s::ObjectKey config_map, k8s::Outage& outage, k8s::Transport& watches,
                     k8s::RuntimeContext context)
    : key_(std::move(config_map)),
      name_("ConfigMap " + k8s::ToString(key_)),
      context_(std::move(context)) {
  if (key_.name.empty()) {
    current_.trouble = "the operator runs with an empty `--frameworks`";
    return;
  }
  current_.trouble = name_ + " has not been read yet";
  informer_.emplace(Alone(key_, outage), &k8s::ReadConfigMap, watches, context_);
  informer_->OnChange([this](const auto&, const auto& after, bool) { Take(after.get()); });
  informer_->store().OnUndecodable([this](const k8s::Undecodable& map) { TakeTrouble(map.error); });
  // A first look that finds nothing is no change.
  informer_->OnProgress([this] {
    const auto& store = informer_->store();
    if (store.filled() && store.size() == 0 && store.AllUndecodable().empty()) Take(nullptr);
  });
}

void Catalogue::Start() {
  if (informer_) informer_->Start();
}

v1::FrameworkCatalogue Catalogue::Current() const {
  const std::scoped_lock lock(mutex_);
  return current_;
}

void Catalogue::Take(const k8s::ConfigMap* map) {
  if (map == nullptr) return Publish({.trouble = name_ + " does not exist"});
  k8s::Result<v1::FrameworkCatalogue> read = v1::ReadCatalogue(map->data);
  if (!read) return TakeTrouble(read.error().message);
  Publish(*std::move(read));
}

void Catalogue::TakeTrouble(std::string trouble) {
  v1::FrameworkCatalogue kept = Current();
  kept.trouble =
      name_ + " is malformed, so what it said before, if anything, holds: " + std::move(trouble);
  Publish(std::move(kept));
}

void Catalogue::Publish(v1::FrameworkCatalogue next) {
  std::string trouble = next.trouble;
  {
    const std::scoped_lock lock(mutex_);
    if (current_ == next) return;
    current_ = std::move(next);
  }
  if (!trouble.empty()) context_.log(k8s::LogLevel::kWarning, "frameworks: " + trouble);
  if (changed_) changed_();
}

}  // namespace ffdl::server
