#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "test/e2e/harness/child_process.h"
#include "test/e2e/harness/json.h"

namespace ffdl::e2e {

// One change of an object, as `kubectl get --watch` told it.
struct Change {
  std::string type;  // ADDED, MODIFIED, DELETED
  Json object;
  std::chrono::steady_clock::time_point at;  // when we saw it
};

using ChangePredicate = std::function<bool(const Change&)>;

// Every state that the objects of one kind in a namespace went through, from now on; those that are
// there already come first, as ADDED. Nothing is missed between two looks, and nothing is polled.
class Watch {
 public:
  Watch(const std::string& ns, const std::string& kind);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // The first change from number `from` on for which `wanted` holds, waiting for it if need be;
  // nothing when it does not come within `limit`.
  [[nodiscard]] std::optional<Change> WaitFor(const ChangePredicate& wanted,
                                              std::chrono::milliseconds limit,
                                              std::size_t from = 0) const;

  [[nodiscard]] std::vector<Change> All() const;
  [[nodiscard]] std::size_t size() const;

 private:
  void Read(int fd);

  mutable std::mutex mutex_;
  mutable std::condition_variable more_;
  std::vector<Change> changes_;
  int read_end_ = -1;
  std::unique_ptr<ChildProcess> kubectl_;
  std::jthread reader_;  // ends when kubectl does
};

}  // namespace ffdl::e2e
