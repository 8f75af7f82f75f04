#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s-client/informer/cache_audit.h"
#include "k8s-client/informer/cache_view.h"
#include "k8s-client/informer/padded_json.h"
#include "k8s-client/informer/readers.h"
#include "k8s-client/informer/reflector.h"
#include "k8s-client/informer/store.h"
#include "k8s-client/meta/compact_tables.h"
#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

// The objects of one type, always up to date as far as the server lets us: a reflector that feeds a
// store through a reader.
//
//   Informer<Pod> pods({.type = kPodType, .label_selector = "..."}, ReadPod, watches, context);
//   pods.store().OnChange([&](const auto& before, const auto& after) { ... });
//   pods.Start();
//
// Handlers are set before Start and run on the transport's loop. Reading `store()` is allowed from
// any thread.
template <typename T>
class Informer final : public CacheView, private ReflectorSink, private AuditedCache {
 public:
  using Ptr = typename Store<T>::Ptr;
  // As Store::ChangeHandler; `first_fill` while the cache shows for the first time what there is.
  using ChangeHandler = std::function<void(const Ptr& before, const Ptr& after, bool first_fill)>;

  // Text of one object -> T. Runs on the loop. Members of T that hold text are copied out of it.
  using Reader = std::function<Result<T>(PaddedJson)>;

  // Borrows the transport and what the context borrows.
  Informer(ReflectorOptions options, Reader reader, Transport& watches, RuntimeContext context);

  void Start();
  // `stopped` is called on the loop; only then, or when the loop has ended, may the informer be
  // destroyed.
  void Stop(std::function<void()> stopped);

  void OnChange(ChangeHandler handler);

  [[nodiscard]] Store<T>& store() { return store_; }
  [[nodiscard]] const Store<T>& store() const { return store_; }
  // Whether the store has been filled once. It stays true when the server goes away.
  [[nodiscard]] bool synced() const { return store_.filled(); }
  // One line for people and for readyz?verbose.
  [[nodiscard]] std::string state() const { return reflector_.state(); }

  // CacheView
  [[nodiscard]] const ResourceType& type() const override { return options_.type; }
  [[nodiscard]] std::string_view label_selector() const override { return options_.label_selector; }
  [[nodiscard]] std::string resource_version() const override { return store_.resource_version(); }
  [[nodiscard]] std::optional<ObjectVersion> VersionOf(const ObjectKey& key) const override;
  [[nodiscard]] std::chrono::nanoseconds heard_at() const override {
    return std::chrono::nanoseconds(heard_at_ns_.load());
  }
  [[nodiscard]] std::chrono::nanoseconds restored_at() const override {
    return std::chrono::nanoseconds(restored_at_ns_.load());
  }
  [[nodiscard]] bool DeletionSeen(const ObjectKey& key, std::string_view uid) const override;
  void RequestRefill() override { reflector_.RequestRefill(); }
  void OnProgress(std::function<void()> progress) override {
    progress_handlers_.push_back(std::move(progress));
  }
  void ForEachObject(const std::function<void(const ObjectMeta&)>& use) const override {
    store_.ForEach([&](const T& object) { use(object.meta); });
  }

 private:
  // ReflectorSink
  void BeginFill() override { store_.BeginFill(); }
  EventVerdict Upsert(PaddedJson object) override;
  EventVerdict Remove(PaddedJson object) override;
  EventVerdict EndFill(std::string_view version, bool accept_older) override;
  void AbortFill() override { store_.AbortFill(); }
  void Bookmark(std::string_view version) override;
  [[nodiscard]] std::string version() const override { return store_.resource_version(); }

  // AuditedCache, whose version() is the same
  [[nodiscard]] std::optional<ObjectVersion> Told(const ObjectKey& key) const override;
  void OnDivergence() override { RequestRefill(); }

  EventVerdict Poison(PaddedJson object, const Error& error);
  EventVerdict Settle(StoreVerdict verdict);
  void TellProgress();

  const ReflectorOptions options_;
  const Reader reader_;
  const RuntimeContext context_;
  Transport& watches_;
  Counter& decode_errors_;
  Counter& nothing_new_;
  Gauge& objects_;
  Gauge& bytes_;
  std::atomic<std::int64_t> heard_at_ns_{0};
  std::atomic<std::int64_t> restored_at_ns_{0};
  std::vector<std::function<void()>> progress_handlers_;
  bool first_fill_told_ = false;  // the loop's
  Store<T> store_;
  CacheAudit audit_;  // these two use the store
  Reflector reflector_;
};

}  // namespace ffdl::k8s

#include "k8s-client/informer/informer_impl.h"  // IWYU pragma: export
