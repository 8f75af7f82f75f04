#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace ffdl::k8s {

// One thread that runs callbacks one after the other. Everything in this library that waits does so
// on a loop, never by blocking a thread, so that the whole runtime can also run on one virtual
// clock.
class EventLoop {
 public:
  using TimerId = std::uint64_t;  // never 0

  virtual ~EventLoop() = default;

  // Runs `work` on the loop's thread, after everything posted before it. Any thread may call it.
  virtual void Post(std::function<void()> work) = 0;

  // Runs `work` on the loop's thread once `delay` has passed. Any thread may call it.
  virtual TimerId After(std::chrono::milliseconds delay, std::function<void()> work) = 0;

  // The timer does not run afterwards when this is called on the loop's thread; from elsewhere it
  // may just be running. Unknown and finished timers are ignored.
  virtual void Cancel(TimerId timer) = 0;
};

}  // namespace ffdl::k8s
