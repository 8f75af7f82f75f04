#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace ffdl::k8s {

// Wall-clock time as the API writes it. Microseconds, because Lease and Event carry MicroTime.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

// RFC 3339 in UTC: metav1.Time ("2026-01-02T03:04:05Z") and metav1.MicroTime ("...05.000000Z").
[[nodiscard]] std::string FormatTime(Time time);
[[nodiscard]] std::string FormatMicroTime(Time time);
// Accepts both forms, any number of fraction digits and numeric offsets; nothing else.
[[nodiscard]] std::optional<Time> ParseTime(std::string_view text);

// Where code that must decide at a moment gets the moment from, so that tests can stop the clock.
// Any thread may call it.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time Now() const = 0;
  // Never goes backwards and counts while the machine sleeps (CLOCK_BOOTTIME): for leases and
  // time-outs.
  [[nodiscard]] virtual std::chrono::nanoseconds Steady() const = 0;
};

// The machine's own clocks. Lives as long as the process.
[[nodiscard]] const Clock& SystemClock();

}  // namespace ffdl::k8s
