// Plain text for people who want to know what this process is doing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "k8s-client/informer/cache_view.h"
#include "k8s-client/meta/time.h"
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

// What malloc says of itself, and what the kernel says of the process.
[[nodiscard]] std::string HeapPage();

// All of them: /debug/threads, /debug/cache?gvr=, /debug/queue, /debug/trace?key=, /debug/heap, and
// /debug, which names them. Borrows.
[[nodiscard]] http::GetRoutes DebugRoutes(const std::vector<const k8s::CacheView*>& caches,
                                          const k8s::Controller& controller,
                                          const k8s::Health& health, const k8s::Clock& clock);

}  // namespace ffdl::server
