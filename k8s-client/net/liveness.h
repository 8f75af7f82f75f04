#pragma once

#include <chrono>

namespace ffdl::k8s {

// When the connection is taken for dead although TCP says nothing: a load balancer may acknowledge
// for a server that is gone, and libcurl has no heartbeat of its own.
struct LivenessOptions {
  std::chrono::milliseconds idle{15'000};  // nothing read while an answer is due: GET /livez
  std::chrono::milliseconds probe_timeout{10'000};  // for the answer to it, whatever it says
  int misses_max = 2;                               // in a row: the connection is replaced
};

// Decides when a silent connection is probed and when it is given up. Pure: knows neither clock nor
// connection. One thread at a time.
class Liveness {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class Next { kWait, kProbe, kReplace };

  explicit Liveness(LivenessOptions options) : options_(options) {}

  // Bytes have come: whatever was suspected, the connection lives.
  void OnRead(TimePoint now) {
    last_read_ = now;
    misses_ = 0;
  }

  // A connection is in use from now on; what was before it says nothing.
  void OnStart(TimePoint now) {
    OnRead(now);
    probing_ = false;
  }

  // What to do now. After kProbe, OnProbeEnd must follow.
  [[nodiscard]] Next Look(TimePoint now) {
    if (misses_ >= options_.misses_max) return Next::kReplace;
    if (probing_ || (misses_ == 0 && now - last_read_ < options_.idle)) return Next::kWait;
    probing_ = true;
    return Next::kProbe;
  }

  void OnProbeEnd(bool answered) {
    probing_ = false;
    misses_ = answered ? 0 : misses_ + 1;
  }

  // How long nothing needs to be looked at, provided that no probe ends before.
  [[nodiscard]] std::chrono::milliseconds NextLook(TimePoint now) const {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(last_read_ + options_.idle - now);
    return left.count() > 0 ? left : options_.idle;
  }

  [[nodiscard]] TimePoint last_read() const { return last_read_; }
  [[nodiscard]] std::chrono::milliseconds probe_timeout() const { return options_.probe_timeout; }

 private:
  const LivenessOptions options_;
  TimePoint last_read_{};
  int misses_ = 0;
  bool probing_ = false;
};

}  // namespace ffdl::k8s
