#include "operator/controller/debug_pages.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "operator/http/query.h"

namespace ffdl::server {
namespace {

using std::chrono::nanoseconds;

double Seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

template <typename... Args>
void Line(std::string& text, fmt::format_string<Args...> form, Args&&... args) {
  fmt::format_to(std::back_inserter(text), form, std::forward<Args>(args)...);
  text += '\n';
}

struct Thread {
  int id = 0;
  std::string name;
  char state = '?';
  double cpu_seconds = 0;
};

// /proc/self/task/ID/stat: "12 (worker-0) S ..." with user and system time as fields 14 and 15
// (man 5 proc). A name may have blanks and parentheses.
Thread ReadThread(const std::filesystem::path& task) {
  Thread thread{.id = std::stoi(task.filename().string())};
  std::ifstream file(task / "stat");
  std::string line;
  std::getline(file, line);
  const std::size_t open = line.find('(');
  const std::size_t close = line.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close + 2 >= line.size()) {
    return thread;
  }
  thread.name = line.substr(open + 1, close - open - 1);
  thread.state = line[close + 2];
  std::size_t at = close + 2;
  constexpr int kFieldsToUserTime = 11;
  for (int field = 0; field < kFieldsToUserTime && at != std::string::npos; ++field) {
    at = line.find(' ', at + 1);
  }
  if (at == std::string::npos) return thread;
  char* end = nullptr;
  const double user = std::strtod(line.c_str() + at, &end);
  const double system = std::strtod(end, nullptr);
  thread.cpu_seconds = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return thread;
}

void AppendEntries(std::string& text, std::string_view title, std::size_t count,
                   const std::vector<k8s::WorkQueueSnapshot::Entry>& entries) {
  Line(text, "{}: {}", title, count);
  for (const auto& entry : entries) {
    Line(text, "  {:>10.3f} s  {:<10} {}", Seconds(entry.time), Word(entry.item.lane),
         ToString(entry.item.key));
  }
  if (entries.size() < count) Line(text, "  ... and {} more", count - entries.size());
}

std::string ObjectLines(const k8s::CacheView& cache, const k8s::Clock& clock) {
  std::string text;
  std::size_t count = 0;
  cache.ForEachObject([&](const k8s::ObjectMeta& meta) {
    if (++count > kDebugLinesMax) return;
    Line(text, "{} uid={} version={} age={:.0f}s{}", ToString(meta.key), meta.uid,
         meta.resource_version, Seconds(clock.Now() - meta.creation_time),
         meta.deletion_time ? " deleting" : "");
  });
  if (count > kDebugLinesMax) Line(text, "... and {} more", count - kDebugLinesMax);
  return text;
}

}  // namespace

std::string ThreadsPage(const k8s::Health::Report& alive) {
  std::vector<Thread> threads;
  std::error_code failed;
  for (std::filesystem::directory_iterator it("/proc/self/task", failed), end; !failed && it != end;
       it.increment(failed)) {
    threads.push_back(ReadThread(it->path()));
  }
  std::ranges::sort(threads, {}, &Thread::id);
  std::string text;
  for (const Thread& thread : threads) {
    Line(text, "{:>8} {:<16} {} {:>9.2f} s CPU", thread.id, thread.name, thread.state,
         thread.cpu_seconds);
  }
  return text + "\n" + alive.text;
}

std::string CachePage(const std::vector<const k8s::CacheView*>& caches, std::string_view plural,
                      const k8s::Clock& clock) {
  std::string text;
  for (const k8s::CacheView* const cache : caches) {
    if (plural == cache->type().plural) return ObjectLines(*cache, clock);
    std::size_t count = 0;
    cache->ForEachObject([&](const k8s::ObjectMeta&) { ++count; });
    Line(text, "{}: {} objects, version {}, heard of {:.1f} s ago", cache->type().plural, count,
         cache->resource_version(), Seconds(clock.Steady() - cache->heard_at()));
  }
  if (!plural.empty()) return fmt::format("no cache of {}; there are:\n{}", plural, text);
  return text + "\n?gvr=pods lists the objects of one\n";
}

std::string QueuePage(const k8s::WorkQueueSnapshot& queue) {
  std::string text;
  AppendEntries(text, "with workers, and for how long", queue.processing.size(), queue.processing);
  AppendEntries(text, "waiting, and for how long", queue.waiting_count, queue.waiting);
  AppendEntries(text, "delayed, and how long still", queue.delayed_count, queue.delayed);
  return text;
}

std::string TracePage(const k8s::DecisionTrace& trace, std::string_view key) {
  std::string text;
  if (key.empty()) {
    for (const k8s::ObjectKey& known : trace.Keys()) Line(text, "{}", ToString(known));
    return text + "\n?key=NAMESPACE/NAME tells what was decided for one\n";
  }
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return "?key=NAMESPACE/NAME\n";
  const k8s::ObjectKey wanted{.ns = std::string(key.substr(0, slash)),
                              .name = std::string(key.substr(slash + 1))};
  for (const k8s::Decision& decision : trace.Of(wanted)) {
    Line(text, "{} [{}] {}", k8s::FormatMicroTime(decision.time), Word(decision.lane),
         decision.plan.empty() ? "no plan" : decision.plan);
    if (!decision.seen.empty()) Line(text, "    seen: {}", decision.seen);
    Line(text, "    {}", decision.result);
    if (decision.idle_passes > 0) {
      Line(text, "    then {} passes with nothing to do", decision.idle_passes);
    }
  }
  return text.empty() ? fmt::format("nothing was decided for {} lately\n", key) : text;
}

std::string ConnectionsPage(const std::vector<NamedReport>& transports) {
  std::string text;
  for (const auto& [name, report] : transports) {
    if (!report) {
      Line(text, "{}: its loop does not answer", name);
      continue;
    }
    Line(text, "{}: {} streams and {} of at most {} requests under way, {} waiting", name,
         report->streams, report->requests, report->requests_most, report->waiting);
    if (report->connections.empty()) {
      Line(text, "  no connection");
      continue;
    }
    Line(text, "  read something {:.1f} s ago", Seconds(report->silent));
    for (const auto& connection : report->connections) {
      Line(text, "  port {} to {}, {:.1f} s old, {} streams, {} requests", connection.port,
           connection.peer, Seconds(connection.age), connection.streams, connection.requests);
    }
  }
  return text;
}

std::string HeapPage() {
  const auto heap = mallinfo2();
  std::string text;
  Line(text, "malloc: {} bytes in use, {} free, {} in own mappings, {} could be given back",
       heap.uordblks, heap.fordblks, heap.hblkhd, heap.keepcost);
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Vm") || line.starts_with("Rss")) Line(text, "{}", line);
  }
  return text;
}

http::GetRoutes DebugRoutes(const DebugSources& sources) {
  const auto text = [](std::string body) { return http::Response{.body = std::move(body)}; };
  return {
      {"/debug",
       [text](const http::Request&) {
         return text(
             "/debug/threads\n/debug/cache?gvr=pods\n/debug/queue\n"
             "/debug/trace?key=NAMESPACE/NAME\n/debug/conns\n/debug/heap\n");
       }},
      {"/debug/threads", [text, &health = sources.health](
                             const http::Request&) { return text(ThreadsPage(health.Alive())); }},
      {"/debug/cache",
       [text, caches = sources.caches, &clock = sources.clock](const http::Request& request) {
         return text(CachePage(caches, http::QueryValue(request.query, "gvr"), clock));
       }},
      {"/debug/queue",
       [text, &controller = sources.controller](const http::Request&) {
         return text(QueuePage(controller.QueueSnapshot(kDebugLinesMax)));
       }},
      {"/debug/trace",
       [text, &controller = sources.controller](const http::Request& request) {
         return text(TracePage(controller.trace(), http::QueryValue(request.query, "key")));
       }},
      {"/debug/conns", [text, transports = sources.transports](
                           const http::Request&) { return text(ConnectionsPage(transports())); }},
      {"/debug/heap", [text](const http::Request&) { return text(HeapPage()); }},
  };
}

}  // namespace ffdl::server
