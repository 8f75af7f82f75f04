// The network between one operator process and the API server: latency, and the faults of the plan.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "k8s-client/net/transport.h"
#include "k8s-client/runtime/random.h"
#include "test/simulation/faults/injector.h"
#include "test/simulation/server/request.h"
#include "test/simulation/trace.h"
#include "test/support/virtual_time.h"

namespace ffdl::simulation {

// The process that faults can hit.
class Victim {
 public:
  virtual ~Victim() = default;
  [[nodiscard]] virtual const std::string& name() const = 0;
  [[nodiscard]] virtual bool alive() const = 0;
  virtual void Crash(bool next_to_lagging) = 0;
  virtual void Pause() = 0;
  virtual void StopInOrder() = 0;
  [[nodiscard]] virtual std::chrono::milliseconds lease_duration() const = 0;
};

// What every connection of a run shares. Borrows.
struct Network {
  test::VirtualTime& time;
  test::VirtualLoop& servers;  // where requests are carried out
  k8s::Random& random;
  Injector& faults;
  Trace& trace;
  int wasted_writes = 0;  // of operators: carried out, and nothing was different

  [[nodiscard]] std::chrono::milliseconds Latency() const;
};

class WatchStream;

class ModelTransport final : public k8s::Transport {
 public:
  // Borrows.
  ModelTransport(Network& network, Frontend& frontend, Victim& victim);
  ~ModelTransport() override;
  ModelTransport(const ModelTransport&) = delete;
  ModelTransport& operator=(const ModelTransport&) = delete;

  [[nodiscard]] test::VirtualLoop& loop() override { return loop_; }
  void Send(k8s::HttpRequest http, Done done) override;
  StreamId OpenStream(k8s::HttpRequest http, k8s::StreamSink& sink) override;
  void Close(StreamId stream) override;

  // Nothing is sent, received or called back any more.
  void Kill();

 private:
  struct Exchange;
  struct Course;

  [[nodiscard]] std::optional<FaultKind> FaultAt(const Request& request);
  [[nodiscard]] Course CourseOf(FaultKind fault, const Exchange& exchange);
  void Follow(const Course& course, const std::shared_ptr<Exchange>& exchange);
  void CarryOut(const Course& course, const std::shared_ptr<Exchange>& exchange);
  void Reply(const std::shared_ptr<Exchange>& exchange, const Answer& answer);

  Network& network_;
  Frontend& frontend_;
  Victim& victim_;
  test::VirtualLoop loop_;
  std::chrono::nanoseconds partitioned_until_{0};
  StreamId last_stream_ = 0;
  std::map<StreamId, std::shared_ptr<WatchStream>> streams_;
  // By plural: what was before this version is compacted away, and cannot be resumed from.
  std::map<std::string_view, std::int64_t> compacted_;
  std::set<std::string_view> past_;  // plurals whose next list shows the past

  friend class WatchStream;
};

}  // namespace ffdl::simulation
