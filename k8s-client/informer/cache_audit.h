#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "k8s-client/informer/cache_view.h"
#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/resource_type.h"
#include "k8s-client/net/transport.h"
#include "k8s-client/runtime/context.h"
#include "k8s-client/runtime/lifeline.h"

namespace ffdl::k8s {

// The cache that is audited. All calls come on the transport's loop, which is its writer's.
class AuditedCache {
 public:
  virtual ~AuditedCache() = default;
  // "" before the first fill.
  [[nodiscard]] virtual std::string version() const = 0;
  // The newest of the object that the cache was told, whether it could be read or not.
  [[nodiscard]] virtual std::optional<ObjectVersion> Told(const ObjectKey& key) const = 0;
  virtual void ForEachObject(const std::function<void(const ObjectMeta&)>& use) const = 0;
  // It shows something that is not so, or misses something.
  virtual void OnDivergence() = 0;
};

struct CacheAuditOptions {
  ResourceType type;
  std::string ns;  // "" for all namespaces
  std::string label_selector;
  std::string field_selector;
};

// Looks now and then whether a cache shows what the server has, because events do get lost
// (kubernetes/kubernetes 123072: deleted objects stayed visible for a day). Lists the metadata of
// all objects, waits until the cache is at least as new as the list, and compares uid and version
// of each. What was deleted meanwhile is no divergence, nor what is newer than the list.
//
// All functions are to be called on the transport's loop.
class CacheAudit {
 public:
  static constexpr std::chrono::hours kEvery{6};  // from half to one and a half times that
  static constexpr std::chrono::minutes kRetry{10};
  static constexpr std::chrono::minutes kCatchUpMax{2};
  static constexpr std::chrono::seconds kPageTimeout{55};  // the server gives up after 60
  static constexpr int kPageSize = 500;

  // Borrows.
  CacheAudit(CacheAuditOptions options, Transport& transport, AuditedCache& cache,
             RuntimeContext context);
  CacheAudit(const CacheAudit&) = delete;
  CacheAudit& operator=(const CacheAudit&) = delete;
  ~CacheAudit() = default;

  void Start();
  // Afterwards nothing is called any more.
  void Stop();

  // To be told by the cache.
  void OnDeleted(std::string_view uid);
  void OnProgress();

 private:
  struct Listed {
    ObjectKey key;
    ObjectVersion version;
  };
  enum class Phase { kResting, kListing, kCatchingUp };

  void RestFor(std::chrono::milliseconds time);
  void Begin();
  void RequestPage(const std::string& continue_token);
  void OnPage(tl::expected<HttpResponse, TransportError> answer);
  void TakePage(std::string body);
  void Take(const ObjectMeta& listed);
  void Conclude();
  void GiveUp(std::string_view why);
  [[nodiscard]] bool Shows(const Listed& listed) const;
  static std::size_t Hash(std::string_view uid) { return std::hash<std::string_view>{}(uid); }
  [[nodiscard]] static bool Knows(const std::unordered_set<std::size_t>& uids,
                                  std::string_view uid) {
    return uids.contains(Hash(uid));
  }

  const CacheAuditOptions options_;
  Transport& transport_;
  AuditedCache& cache_;
  const RuntimeContext context_;
  Counter& divergences_;
  Counter& audits_;
  Lifeline lifeline_;

  Phase phase_ = Phase::kResting;
  EventLoop::TimerId timer_ = 0;
  std::string list_version_;
  std::unordered_set<std::size_t> listed_;   // hashes of uids, for a copy of all would be large
  std::unordered_set<std::size_t> deleted_;  // since the audit began
  std::vector<Listed> suspects_;             // that the cache did not show when they were listed
};

}  // namespace ffdl::k8s
