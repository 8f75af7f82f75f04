// Plain text for people who want to know what this process is doing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s-client/informer/cache_view.h"
#include "k8s-client/meta/time.h"
#include "k8s-client/net/transport_report.h"
#include "k8s-client/runtime/controller.h"
#include "k8s-client/runtime/decision_trace.h"
#include "k8s-client/runtime/health.h"
#include "k8s-client/runtime/work_queue.h"
#include "operator/http/server.h"

namespace ffdl::server {

// What is shown of each list at most.
inline constexpr std::size_t kDebugLinesMax = 1000;

// Every thread: its name, its state (R runs, S sleeps, D waits for a disk), the CPU seconds it has
// used; then when each loop last turned.
[[nodiscard]] std::string ThreadsPage(const k8s::Health::Report& alive);

// Without `plural` a line a cache; with it a line an object: name, uid, version, age.
[[nodiscard]] std::string CachePage(const std::vector<const k8s::CacheView*>& caches,
                                    std::string_view plural, const k8s::Clock& clock);

[[nodiscard]] std::string QueuePage(const k8s::WorkQueueSnapshot& queue);

// Of "ns/name" the last decisions; without it the names of those that have some.
[[nodiscard]] std::string TracePage(const k8s::DecisionTrace& trace, std::string_view key);

// One of the transports, by the name of its thread.
struct NamedReport {
  std::string name;
  std::optional<k8s::TransportReport> report;  // none when its loop did not answer
};

// What each transport is doing, and each of its connections.
[[nodiscard]] std::string ConnectionsPage(const std::vector<NamedReport>& transports);

// What malloc says of itself, and what the kernel says of the process.
[[nodiscard]] std::string HeapPage();

// What the pages are made from; borrowed.
struct DebugSources {
  std::vector<const k8s::CacheView*> caches;
  const k8s::Controller& controller;
  const k8s::Health& health;
  const k8s::Clock& clock;
  // Asks the transports' loops, for no longer than a page may take.
  std::function<std::vector<NamedReport>()> transports;
};

// All of them: /debug/threads, /debug/cache?gvr=, /debug/queue, /debug/trace?key=, /debug/conns,
// /debug/heap, and /debug, which names them.
[[nodiscard]] http::GetRoutes DebugRoutes(const DebugSources& sources);

}  // namespace ffdl::server
