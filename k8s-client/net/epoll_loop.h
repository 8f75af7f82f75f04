#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "k8s-client/meta/result.h"
#include "k8s-client/net/event_loop.h"
#include "k8s-client/net/timer_queue.h"

namespace ffdl::k8s {

// An event loop with a thread of its own, which sleeps in epoll until there is something to do.
// Time-outs ride on epoll_wait: a timer costs no system call. The thread takes no signals.
class EpollLoop final : public EventLoop {
 public:
  using OnReady = std::function<void(std::uint32_t epoll_events)>;

  // `name` is what the thread is called in ps and top; the kernel keeps 15 bytes of it.
  [[nodiscard]] static Result<std::unique_ptr<EpollLoop>> Start(const std::string& name);

  // Runs what was posted until nothing is left, drops the timers and waits for the thread. Not to
  // be called on the loop's thread, nor while others may still post.
  ~EpollLoop() override;
  EpollLoop(const EpollLoop&) = delete;
  EpollLoop& operator=(const EpollLoop&) = delete;

  void Post(std::function<void()> work) override;
  TimerId After(std::chrono::milliseconds delay, std::function<void()> work) override;
  void Cancel(TimerId timer) override;

  // The rest is for the loop's thread.

  // Calls `ready` whenever one of `events` (EPOLLIN, EPOLLOUT) holds for `fd`; replaces the last
  // wish.
  void Watch(int fd, std::uint32_t events, OnReady ready);
  // To be called before `fd` is closed.
  void Unwatch(int fd);
  // When the loop last woke up: good enough to say "how long ago" without asking the kernel.
  [[nodiscard]] TimerQueue::TimePoint woke_at() const { return woke_at_; }

 private:
  EpollLoop(int epoll, int wake);
  void Run();
  [[nodiscard]] bool Sleep();  // false when it is time to end
  void RunPosted();
  void RunDue();
  [[nodiscard]] int WaitMs() const;  // with mutex_ held
  void Wake() const;

  const int epoll_;
  const int wake_;

  std::mutex mutex_;  // guards the members up to the next blank line
  std::vector<std::function<void()>> posted_;
  TimerQueue timers_;
  bool asleep_ = false;  // and nobody has written to wake_ yet
  TimerQueue::TimePoint asleep_until_{};
  bool stopping_ = false;

  std::unordered_map<int, std::shared_ptr<const OnReady>> watched_;
  std::vector<std::function<void()>> running_;
  TimerQueue::TimePoint woke_at_{};
  std::thread thread_;  // last: uses all of the above
};

}  // namespace ffdl::k8s
