#include "k8s-client/net/epoll_loop.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <limits>
#include <system_error>
#include <utility>

namespace ffdl::k8s {
namespace {

constexpr int kEventsPerWake = 64;
constexpr std::size_t kThreadNameBytesMax = 15;

// Starts a thread that inherits a full signal mask, so that signals go to the thread that waits for
// them and a write to a closed connection is an error code instead of SIGPIPE.
template <typename Work>
std::thread StartWithoutSignals(Work work) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

Result<std::unique_ptr<EpollLoop>> EpollLoop::Start(const std::string& name) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  const int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{.events = EPOLLIN, .data = {.fd = wake}};
  if (epoll < 0 || wake < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event) != 0) {
    const int number = errno;
    if (epoll >= 0) close(epoll);
    if (wake >= 0) close(wake);
    return Fail(ErrorCode::kInternal,
                "start event loop: " + std::generic_category().message(number));
  }
  std::unique_ptr<EpollLoop> loop(new EpollLoop(epoll, wake));
  EpollLoop* const started = loop.get();
  loop->thread_ = StartWithoutSignals([started] { started->Run(); });
  pthread_setname_np(loop->thread_.native_handle(), name.substr(0, kThreadNameBytesMax).c_str());
  return loop;
}

EpollLoop::EpollLoop(int epoll, int wake) : epoll_(epoll), wake_(wake) {}

EpollLoop::~EpollLoop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
  close(wake_);
  close(epoll_);
}

void EpollLoop::Post(std::function<void()> work) {
  bool wake = false;
  {
    const std::scoped_lock lock(mutex_);
    posted_.push_back(std::move(work));
    wake = std::exchange(asleep_, false);
  }
  if (wake) Wake();
}

EventLoop::TimerId EpollLoop::After(std::chrono::milliseconds delay, std::function<void()> work) {
  const TimerQueue::TimePoint due = std::chrono::steady_clock::now() + delay;
  TimerId id = 0;
  bool wake = false;
  {
    const std::scoped_lock lock(mutex_);
    id = timers_.Add(due, std::move(work));
    wake = asleep_ && due < asleep_until_;
    if (wake) asleep_ = false;
  }
  if (wake) Wake();
  return id;
}

void EpollLoop::Cancel(TimerId timer) {
  const std::scoped_lock lock(mutex_);
  timers_.Remove(timer);
}

void EpollLoop::Watch(int fd, std::uint32_t events, OnReady ready) {
  epoll_event event{.events = events, .data = {.fd = fd}};
  const bool added =
      watched_.insert_or_assign(fd, std::make_shared<const OnReady>(std::move(ready))).second;
  // A descriptor that was closed without Unwatch has left the epoll set on its own, hence the
  // retry.
  if (epoll_ctl(epoll_, added ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) != 0 &&
      errno == ENOENT) {
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
}

void EpollLoop::Unwatch(int fd) {
  if (watched_.erase(fd) != 0) epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void EpollLoop::Wake() const {
  // Fails only when the counter is full, and then the loop is awake already.
  [[maybe_unused]] const int ignored = eventfd_write(wake_, 1);
}

void EpollLoop::Run() {
  while (Sleep()) {
    RunPosted();
    RunDue();
  }
}

int EpollLoop::WaitMs() const {
  if (!posted_.empty() || stopping_) return 0;
  const std::optional<TimerQueue::TimePoint> next = timers_.next();
  if (!next) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*next - std::chrono::steady_clock::now());
  constexpr std::int64_t kLongest = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, kLongest));
}

bool EpollLoop::Sleep() {
  int wait_ms = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ && posted_.empty()) return false;
    wait_ms = WaitMs();
    asleep_ = wait_ms != 0;
    asleep_until_ = timers_.next().value_or(TimerQueue::TimePoint::max());
  }
  std::array<epoll_event, kEventsPerWake> events{};
  const int count = epoll_wait(epoll_, events.data(), kEventsPerWake, wait_ms);
  woke_at_ = std::chrono::steady_clock::now();
  {
    const std::scoped_lock lock(mutex_);
    asleep_ = false;
  }
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events.at(static_cast<std::size_t>(i));
    if (event.data.fd == wake_) {
      eventfd_t ignored = 0;
      eventfd_read(wake_, &ignored);
      continue;
    }
    // Looked up now, because an earlier event may have ended the interest in this one; held,
    // because the callback may end its own.
    const auto found = watched_.find(event.data.fd);
    if (found == watched_.end()) continue;
    const std::shared_ptr<const OnReady> ready = found->second;
    (*ready)(event.events);
  }
  return true;
}

void EpollLoop::RunPosted() {
  {
    const std::scoped_lock lock(mutex_);
    running_.swap(posted_);
  }
  for (std::function<void()>& work : running_) {
    work();
    work = nullptr;  // what it holds goes now, not when the last of the batch is done
  }
  running_.clear();
}

void EpollLoop::RunDue() {
  while (true) {
    std::function<void()> work;
    {
      const std::scoped_lock lock(mutex_);
      work = timers_.TakeDue(woke_at_);
    }
    if (!work) return;
    work();
  }
}

}  // namespace ffdl::k8s
