#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "k8s-client/meta/time.h"
#include "k8s-client/net/event_loop.h"

namespace ffdl::test {

// A clock that moves only when told, and the order of everything that waits for it. Any number of
// VirtualLoops share one. Tasks due at the same moment run in the order in which they were given.
// Any thread may read the clock and add tasks; one thread runs them.
class VirtualTime final : public k8s::Clock {
 public:
  [[nodiscard]] k8s::Time Now() const override {
    // An arbitrary day: nothing may depend on which one.
    return std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) +
           std::chrono::duration_cast<std::chrono::microseconds>(Steady());
  }
  [[nodiscard]] std::chrono::nanoseconds Steady() const override {
    const std::scoped_lock lock(mutex_);
    return now_;
  }

  // Runs what is due now, and what that makes due now.
  void RunReady() { RunFor(std::chrono::nanoseconds(0)); }

  // Moves the clock on, from one due task to the next.
  void RunFor(std::chrono::nanoseconds span) {
    const std::chrono::nanoseconds end = Steady() + span;
    while (const auto task = TakeDue(end)) task();
    const std::scoped_lock lock(mutex_);
    now_ = end;
  }

  // The clock moves on while nothing runs, as when the machine slept.
  void Skip(std::chrono::nanoseconds span) {
    const std::scoped_lock lock(mutex_);
    now_ += span;
  }

 private:
  friend class VirtualLoop;
  using Id = std::uint64_t;
  struct Task {
    std::chrono::nanoseconds at;
    std::function<void()> work;
    const void* loop;
  };

  Id Add(const void* loop, std::chrono::nanoseconds delay, std::function<void()> work) {
    const std::scoped_lock lock(mutex_);
    const Id id = ++last_id_;
    const std::chrono::nanoseconds at = now_ + delay;
    tasks_.emplace(id, Task{.at = at, .work = std::move(work), .loop = loop});
    order_.emplace(at, id);
    return id;
  }
  void Drop(Id id) {
    const std::scoped_lock lock(mutex_);
    const auto it = tasks_.find(id);
    if (it == tasks_.end()) return;
    order_.erase({it->second.at, id});
    tasks_.erase(it);
  }
  void DropAll(const void* loop) {
    std::vector<Task> dropped;  // ends without the lock: what a task owns may cancel others
    const std::scoped_lock lock(mutex_);
    for (auto it = tasks_.begin(); it != tasks_.end();) {
      if (it->second.loop != loop) {
        ++it;
        continue;
      }
      order_.erase({it->second.at, it->first});
      dropped.push_back(std::move(it->second));
      it = tasks_.erase(it);
    }
  }
  std::function<void()> TakeDue(std::chrono::nanoseconds end) {
    const std::scoped_lock lock(mutex_);
    for (const auto& [at, id] : order_) {
      if (at > end) return {};
      const auto it = tasks_.find(id);
      if (paused_.contains(it->second.loop)) continue;
      now_ = std::max(now_, at);
      std::function<void()> work = std::move(it->second.work);
      tasks_.erase(it);
      order_.erase({at, id});
      return work;
    }
    return {};
  }

  mutable std::mutex mutex_;
  std::chrono::nanoseconds now_{std::chrono::hours(1)};
  Id last_id_ = 0;
  std::map<Id, Task> tasks_;
  std::set<std::pair<std::chrono::nanoseconds, Id>> order_;
  std::set<const void*> paused_;
};

class VirtualLoop final : public k8s::EventLoop {
 public:
  explicit VirtualLoop(VirtualTime& time) : time_(time) {}
  ~VirtualLoop() override { Kill(); }
  VirtualLoop(const VirtualLoop&) = delete;
  VirtualLoop& operator=(const VirtualLoop&) = delete;

  void Post(std::function<void()> work) override { After({}, std::move(work)); }
  TimerId After(std::chrono::milliseconds delay, std::function<void()> work) override {
    if (killed_) return kNever;
    return time_.Add(this, delay, std::move(work));
  }
  void Cancel(TimerId timer) override { time_.Drop(timer); }

  // A frozen process: its tasks wait, the clock does not.
  void Pause() { time_.paused_.insert(this); }
  void Resume() { time_.paused_.erase(this); }
  // A process that has ended: its tasks never run, and no new ones are taken.
  void Kill() {
    killed_ = true;
    time_.DropAll(this);
    time_.paused_.erase(this);
  }

 private:
  static constexpr TimerId kNever = ~TimerId{0};

  VirtualTime& time_;
  bool killed_ = false;
};

}  // namespace ffdl::test
