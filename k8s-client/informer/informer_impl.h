// The functions of Informer; included by informer.h alone.
#pragma once

#include <fmt/format.h>

#include <compare>
#include <optional>
#include <string>
#include <utility>

#include "k8s-client/informer/informer.h"

namespace ffdl::k8s {

template <typename T>
Informer<T>::Informer(ReflectorOptions options, Reader reader, Transport& watches,
                      RuntimeContext context)
    : options_(options),
      reader_(std::move(reader)),
      context_(context),
      watches_(watches),
      decode_errors_(context.metrics.CounterOf("operator_decode_errors_total",
                                               "Objects of the API that could not be read.",
                                               {{"resource", std::string(options.type.plural)}})),
      nothing_new_(context.metrics.CounterOf(
          "operator_events_without_news_total",
          "Events that changed nothing of what the operator reads, so that no pass was asked for.",
          {{"resource", std::string(options.type.plural)}})),
      objects_(context.metrics.GaugeOf("operator_store_objects", "Objects in the cache.",
                                       {{"resource", std::string(options.type.plural)}})),
      bytes_(context.metrics.GaugeOf("operator_store_bytes", "Bytes of the objects in the cache.",
                                     {{"resource", std::string(options.type.plural)}})),
      audit_({.type = options.type,
              .ns = options.ns,
              .label_selector = options.label_selector,
              .field_selector = options.field_selector},
             watches, *this, context),
      reflector_(std::move(options), watches, *this, std::move(context)) {
  store_.OnChange([this](const Ptr& before, const Ptr& after) {
    if (before && !after) audit_.OnDeleted(before->meta.uid);
  });
}

template <typename T>
void Informer<T>::Start() {
  reflector_.Start();
  watches_.loop().Post([this] { audit_.Start(); });
}

template <typename T>
void Informer<T>::Stop(std::function<void()> stopped) {
  reflector_.Stop([this, stopped = std::move(stopped)] {
    audit_.Stop();
    stopped();
  });
}

template <typename T>
void Informer<T>::OnChange(ChangeHandler handler) {
  store_.OnChange([this, handler = std::move(handler)](const Ptr& before, const Ptr& after) {
    handler(before, after, /*first_fill=*/!first_fill_told_);
  });
}

template <typename T>
std::optional<ObjectVersion> Informer<T>::Told(const ObjectKey& key) const {
  if (const auto unreadable = store_.UndecodableAt(key)) {
    return ObjectVersion{.uid = unreadable->identity.uid,
                         .resource_version = unreadable->identity.resource_version};
  }
  return VersionOf(key);
}

template <typename T>
std::optional<ObjectVersion> Informer<T>::VersionOf(const ObjectKey& key) const {
  const auto object = store_.Get(key);
  if (!object) return std::nullopt;
  return ObjectVersion{.uid = object->meta.uid, .resource_version = object->meta.resource_version};
}

template <typename T>
bool Informer<T>::DeletionSeen(const ObjectKey& key, std::string_view uid) const {
  const auto object = store_.Get(key);
  return !object || object->meta.uid != uid || object->meta.deletion_time.has_value();
}

template <typename T>
EventVerdict Informer<T>::Upsert(PaddedJson object) {
  Result<T> read = reader_(object);
  if (!read) return Poison(object, read.error());
  return Settle(store_.Put(std::move(*read)));
}

template <typename T>
EventVerdict Informer<T>::Remove(PaddedJson object) {
  // The last state is of no interest, so an object that its reader would refuse can still be
  // removed.
  const std::optional<ObjectMeta> last_state = ReadIdentity(object);
  if (!last_state) return EventVerdict::kUnreadable;
  return Settle(store_.Remove(*last_state));
}

template <typename T>
EventVerdict Informer<T>::EndFill(std::string_view version, bool accept_older) {
  const bool went_back =
      accept_older && std::is_lt(CompareResourceVersions(version, store_.resource_version()));
  if (went_back) restored_at_ns_ = context_.clock.Steady().count();
  const EventVerdict verdict = Settle(store_.EndFill(version, accept_older));
  first_fill_told_ = first_fill_told_ || store_.filled();
  return verdict;
}

template <typename T>
void Informer<T>::Bookmark(std::string_view version) {
  store_.AdvanceTo(version);
  TellProgress();
}

template <typename T>
EventVerdict Informer<T>::Poison(PaddedJson object, const Error& error) {
  decode_errors_.Add();
  std::optional<ObjectMeta> identity = ReadIdentity(object);
  context_.log(LogLevel::kError,
               fmt::format("{} {} cannot be read: {}", options_.type.kind,
                           identity ? ToString(identity->key) : "without a name", error.message));
  if (!identity) return EventVerdict::kUnreadable;
  return Settle(store_.MarkUndecodable({.identity = std::move(*identity), .error = error.message}));
}

template <typename T>
EventVerdict Informer<T>::Settle(StoreVerdict verdict) {
  if (verdict == StoreVerdict::kTimeTravel) return EventVerdict::kTimeTravel;
  if (verdict == StoreVerdict::kNothingNew) nothing_new_.Add();
  if (!store_.filling()) {
    objects_.Set(static_cast<double>(store_.size()));
    bytes_.Set(static_cast<double>(store_.bytes()));
    TellProgress();
  }
  return EventVerdict::kTaken;
}

template <typename T>
void Informer<T>::TellProgress() {
  heard_at_ns_ = context_.clock.Steady().count();
  audit_.OnProgress();
  for (const auto& handler : progress_handlers_) handler();
}

}  // namespace ffdl::k8s
