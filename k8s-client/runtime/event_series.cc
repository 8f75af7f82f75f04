#include "k8s-client/runtime/event_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace ffdl::k8s {
namespace {

constexpr std::size_t kNameBytesMax = 253;  // of any object

// FNV-1a.
std::uint64_t Hash(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  }
  return hash;
}

std::string Shorten(std::string text, std::size_t bytes_max) {
  constexpr std::string_view kMark = "...";
  if (text.size() <= bytes_max) return text;
  std::size_t keep = bytes_max - kMark.size();
  while (keep > 0 && (static_cast<unsigned char>(text[keep]) & 0xC0U) == 0x80U) --keep;  // UTF-8
  text.resize(keep);
  return text.append(kMark);
}

// In names that are alike but for this, the older one comes first: kubectl describe shows events of
// this API in the order of their names, because they lack the time stamps of the older API by which
// it sorts (kubectl/pkg/describe, SortableEvents).
std::string SuffixAt(Time now, const std::string& identity) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch());
  return fmt::format(".{:016x}.{:08x}", since.count(), Hash(identity) & 0xFFFFFFFFU);
}

nlohmann::json SeriesBody(const EventSeries& series) {
  return {{"count", series.count}, {"lastObservedTime", FormatMicroTime(series.last)}};
}

}  // namespace

std::string IdentityOf(const ObjectReference& regarding, const PendingEvent& event) {
  return fmt::format("{}\n{}\n{}\n{}\n{}", regarding.uid, event.warning, event.reason, event.action,
                     event.note);
}

EventSeries BeginSeries(const ObjectReference& regarding, PendingEvent event,
                        const std::string& instance, const Clock& clock) {
  event.note = Shorten(std::move(event.note), EventRecorder::kNoteBytesMax);
  const Time now = clock.Now();
  const std::string suffix = SuffixAt(now, IdentityOf(regarding, event) + "\n" + instance);
  return {.regarding = regarding,
          .event = std::move(event),
          .key = {.ns = regarding.key.ns.empty() ? "default" : regarding.key.ns,
                  .name = regarding.key.name.substr(0, kNameBytesMax - suffix.size()) + suffix},
          .first = now,
          .last = now,
          .last_steady = clock.Steady()};
}

nlohmann::json EventBody(const EventSeries& series, const EventRecorderOptions& options) {
  nlohmann::json body{
      {"apiVersion", "events.k8s.io/v1"},
      {"kind", "Event"},
      {"metadata", {{"name", series.key.name}, {"namespace", series.key.ns}}},
      {"eventTime", FormatMicroTime(series.first)},
      {"reportingController", options.controller},
      {"reportingInstance", options.instance},
      {"type", series.event.warning ? "Warning" : "Normal"},
      {"reason", series.event.reason},
      {"action", series.event.action},
      {"note", series.event.note},
      {"regarding",
       {{"apiVersion", series.regarding.api_version},
        {"kind", series.regarding.kind},
        {"namespace", series.regarding.key.ns},
        {"name", series.regarding.key.name},
        {"uid", series.regarding.uid}}},
  };
  if (series.count > 1) body["series"] = SeriesBody(series);
  return body;
}

nlohmann::json CountPatch(const EventSeries& series) { return {{"series", SeriesBody(series)}}; }

bool EventBudget::Take(const std::string& uid, std::chrono::nanoseconds now) {
  constexpr auto kFull = EventRecorder::kRefillPerObject * EventRecorder::kBurstPerObject;
  if (buckets_.size() >= EventRecorder::kSeriesMax && !buckets_.contains(uid)) {
    std::erase_if(buckets_,
                  [&](const auto& entry) { return now - entry.second.filled_at >= kFull; });
    if (buckets_.size() >= EventRecorder::kSeriesMax) return false;
  }
  auto [it, added] = buckets_.try_emplace(uid);
  Bucket& bucket = it->second;
  if (!added) {
    const std::chrono::duration<double> passed = now - bucket.filled_at;
    const double refill = passed / std::chrono::duration<double>(EventRecorder::kRefillPerObject);
    bucket.tokens =
        std::min(bucket.tokens + refill, static_cast<double>(EventRecorder::kBurstPerObject));
  }
  bucket.filled_at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

}  // namespace ffdl::k8s
