#include "operator/agent/progress.h"

#include <algorithm>
#include <utility>

namespace ffdl::agent {
namespace {

using std::chrono::milliseconds;

// A tenth of the time-out, so that a hang is told soon after it is one.
constexpr int kLooksInTimeout = 10;
constexpr milliseconds kPeriodMin{100};
constexpr milliseconds kPeriodMax{10000};

}  // namespace

ProgressWatch::ProgressWatch(ProgressOptions options, Clock::time_point now)
    : options_(std::move(options)), last_(now), heartbeat_(HeartbeatTime()) {}

bool ProgressWatch::IsHung(Clock::time_point now) {
  if (options_.timeout.count() == 0) return false;
  const timespec touched = HeartbeatTime();
  if (touched.tv_sec != heartbeat_.tv_sec || touched.tv_nsec != heartbeat_.tv_nsec) {
    heartbeat_ = touched;
    last_ = now;
  }
  return now - last_ >= options_.timeout;
}

std::optional<milliseconds> ProgressWatch::period() const {
  if (options_.timeout.count() == 0) return std::nullopt;
  return std::clamp(milliseconds(options_.timeout) / kLooksInTimeout, kPeriodMin, kPeriodMax);
}

// Zero for a file that is not there.
timespec ProgressWatch::HeartbeatTime() const {
  struct stat file {};
  if (options_.heartbeat.empty() || stat(options_.heartbeat.c_str(), &file) != 0) return {};
  return file.st_mtim;
}

}  // namespace ffdl::agent
