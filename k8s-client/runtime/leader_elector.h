#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "k8s-client/api/client.h"
#include "k8s-client/meta/object_key.h"
#include "k8s-client/net/transport.h"
#include "k8s-client/runtime/context.h"
#include "k8s-client/runtime/lease_record.h"
#include "k8s-client/runtime/lifeline.h"
#include "k8s-client/runtime/time_limited_transport.h"
#include "k8s-client/runtime/write_gate.h"

namespace ffdl::k8s {

struct LeaderElectorOptions {
  ObjectKey lease;
  std::string identity;  // unique to this process: MakeIdentity(host)
  std::chrono::milliseconds lease_duration{15'000};
  std::chrono::milliseconds renew_deadline{10'000};  // without a renewal for so long we step down
  // Between two renewals; a follower looks after 30 to 45 % of it.
  std::chrono::milliseconds retry_period{2'000};
  // The gate closes so much before others may take over.
  std::chrono::milliseconds margin{2'000};
};

// "<host>_<128 random bits in hex>".
[[nodiscard]] std::string MakeIdentity(const std::string& host, Random& random);

// Holds a Lease for one of several processes, and is the gate that its writes pass.
//
// Safe against slow answers: the lease counts from when a renewal was *sent*. Safe against skewed
// clocks: others take over only after they saw the record unchanged for the lease's duration on
// their own clock. Safe against frozen processes: the clock counts while the machine sleeps, and
// the gate reads it each time.
//
// Give it a transport of its own: nothing may delay a renewal. Callbacks run on that transport's
// loop. All public functions may be called from any thread.
class LeaderElector final : public WriteGate {
 public:
  struct Callbacks {
    std::function<void()> on_started;  // we lead
    // The lease was lost against our will, after on_started. The gate is closed. The process should
    // end without any clean-up that writes: another one leads, or soon will.
    std::function<void()> on_lost;
  };

  // Borrows. Requires lease_duration - margin > renew_deadline > 1.2 * retry_period.
  LeaderElector(LeaderElectorOptions options, Transport& lease, Callbacks callbacks,
                RuntimeContext context);
  ~LeaderElector() override = default;
  LeaderElector(const LeaderElector&) = delete;
  LeaderElector& operator=(const LeaderElector&) = delete;

  void Start();

  // Closes the gate and gives the lease back, so that another process can take over at once. To be
  // called only when no write is in flight. `released` is called once the elector has done its
  // last; only then, or when the loop has ended, may it be destroyed.
  void Stop(std::function<void()> released);

  [[nodiscard]] bool MayWrite(std::chrono::milliseconds request_timeout) const override;
  [[nodiscard]] bool leads() const { return leads_.load(); }
  // Whether the lease has run out although this process still takes itself for the leader: the
  // loop that should have seen it does not turn. For a watchdog, which is to end the process.
  [[nodiscard]] bool overdue() const;

 private:
  void Tick();
  void Look();
  void Judge(const Result<std::string>& text);
  void LookAgain(std::chrono::milliseconds at_latest);
  void Create();
  void TakeOver(const LeaseRecord& seen);
  void Put(const LeaseRecord& record);
  void OnPut(std::chrono::nanoseconds sent, const LeaseRecord& record, const WriteResult& result);
  void Lead(std::chrono::nanoseconds sent);
  void CheckDeadline();
  void Lose(const std::string& why);
  void Retry();
  void Release(int attempts_left);
  void LookAndRelease(int attempts_left);
  void End();
  [[nodiscard]] LeaseRecord NewRecord() const;

  const LeaderElectorOptions options_;
  const Callbacks callbacks_;
  const RuntimeContext context_;
  TimeLimitedTransport transport_;
  Client client_;
  Gauge& leading_;
  Counter& slow_paths_;
  Lifeline lifeline_;

  std::atomic<bool> leads_{false};
  std::atomic<std::int64_t> valid_until_ns_{0};  // on Clock::Steady; 0 while the gate is closed

  // The rest belongs to the loop's thread.
  enum class Life { kRunning, kLost, kStopping };
  Life life_ = Life::kRunning;
  std::string version_;   // of the lease as last read or written; "" when it must be read first
  LeaseRecord held_;      // what we wrote last, while we lead
  LeaseRecord observed_;  // what was read last, and since when it has been the same
  std::chrono::nanoseconds observed_at_{0};
  std::chrono::nanoseconds renewed_at_{0};  // when the last renewal that succeeded was sent
  EventLoop::TimerId tick_timer_ = 0;
  EventLoop::TimerId deadline_timer_ = 0;
  std::function<void()> released_;
};

}  // namespace ffdl::k8s
