#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "test/simulation/transport.h"

namespace ffdl::simulation {

// One watch of one process: what the server sends, when it arrives, and what goes wrong on the way.
class WatchStream final : public std::enable_shared_from_this<WatchStream> {
 public:
  // Borrows all; `sink` until the stream has ended or was closed.
  WatchStream(Network& network, ModelTransport& transport, Request request, k8s::StreamSink& sink)
      : network_(network), transport_(transport), request_(std::move(request)), sink_(sink) {}

  void Begin();
  // Nothing comes any more.
  void Close();

 private:
  // Where the list that a fill begins with breaks off.
  enum class FillFault { kNone, kBreaks, kNeverEnds };

  [[nodiscard]] WatchCache& cache() { return transport_.frontend_.CacheOf(*request_.kind); }
  [[nodiscard]] bool fills() const { return request_.query.contains("sendInitialEvents"); }

  void FallSilent();
  void BeginFill();
  void SendList(FillFault fault, std::optional<FaultKind> process_fault);
  [[nodiscard]] std::optional<std::pair<Objects, std::int64_t>> Past() const;
  void Resume();
  void FollowFrom(std::int64_t version);
  void OnRevision(const Revision& revision);
  std::int64_t Compact();
  // Whether the event is sent all the same.
  bool Suffer(FaultKind fault, const std::string& line);
  void ScheduleBookmark();
  void Bookmark(bool ends_fill, std::int64_t version);
  void ScheduleEnd();

  // What arrives, in this order.
  void Head(const Answer& answer);
  void Bytes(std::string bytes);
  void End(bool in_order);
  void Refuse(const Answer& answer);
  void Arrive(std::function<void()> what);

  Network& network_;
  ModelTransport& transport_;
  const Request request_;
  k8s::StreamSink& sink_;
  bool closed_ = false;                     // the client does not listen any more
  bool silent_ = false;                     // the server sends nothing any more
  std::chrono::nanoseconds arrives_at_{0};  // of the last that was sent
  std::optional<WatchCache::Id> subscription_;
};

}  // namespace ffdl::simulation
