// For the other files of this folder only.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "operator/object_store/transfer.h"

namespace ffdl::object_store {

// Requests that share connections, several under way at once, all on the caller's thread. What may
// pass is tried again, within the limits of the options.
class Requests {
 public:
  // Borrows `common`.
  explicit Requests(const Common& common);
  ~Requests();
  Requests(const Requests&) = delete;
  Requests& operator=(const Requests&) = delete;

  // Ends with the first that fails for good; the others are given up then. `tick` is called about
  // each second, and more often while bytes come.
  [[nodiscard]] Result<void> Run(const std::vector<Request>& requests,
                                 const std::function<void()>& tick);

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    const Request* request;
    int failures = 0;
    Clock::time_point not_before;
  };
  struct Running {
    Waiting what;
    std::unique_ptr<Transfer> transfer;
  };

  void StartDue();
  [[nodiscard]] Result<void> Collect();
  [[nodiscard]] Result<void> Finish(Running done, CURLcode code);
  [[nodiscard]] Clock::duration PauseAfter(int failures, std::chrono::seconds asked_for);
  [[nodiscard]] int WaitMilliseconds() const;
  void GiveUp();

  const Common& common_;
  CURLM* const multi_;
  std::deque<Waiting> waiting_;
  std::map<CURL*, Running> running_;
  std::mt19937 random_{std::random_device{}()};
};

}  // namespace ffdl::object_store
