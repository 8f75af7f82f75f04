#include "operator/http/threads.h"

#include <pplx/pplxtasks.h>
#include <pplx/threadpool.h>

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>

#include "operator/http/server.h"

namespace ffdl::http {
namespace {

// Where all threads meet: once they have, none is doing anything else.
class Meeting {
 public:
  void Join(std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    ++present_;
    changed_.notify_all();
    changed_.wait_until(lock, until, [this] { return present_ == kServerThreads + 1; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t present_ = 0;  // with the one who called it
};

}  // namespace

void StartThreads() {
  static std::once_flag once;
  std::call_once(once, [] {
    try {
      crossplat::threadpool::initialize_with_threads(kServerThreads);
    } catch (const std::exception&) {
      // Somebody else in this process came first; the pool is as good at another size.
    }
  });
}

void WaitForThreads(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  const auto meeting = std::make_shared<Meeting>();
  for (std::size_t thread = 0; thread < kServerThreads; ++thread) {
    (void)pplx::create_task([meeting, until] { meeting->Join(until); });
  }
  meeting->Join(until);
}

}  // namespace ffdl::http
