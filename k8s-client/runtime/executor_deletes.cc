// How an executor sends deletes that follow each other: side by side, each as a plan of its own.
#include <algorithm>
#include <mutex>
#include <utility>

#include "k8s-client/runtime/executor.h"
#include "k8s-client/runtime/executor_pass.h"

namespace ffdl::k8s {

// Up to kDeletesTogetherMax lanes take one delete after the other, until none is left or one has
// failed; the last lane to leave goes on with the plan. Lanes begin on the caller's thread, while
// others are answered on the transport's.
struct Executor::Deletes {
  Deletes(PassPtr of, std::size_t behind_last, std::size_t lane_count)
      : pass(std::move(of)), end(behind_last), lanes(lane_count) {}

  const PassPtr pass;
  const std::size_t end;

  std::mutex mutex;  // guards all below, and pass->next
  std::size_t lanes;
  Result<void> outcome;

  // Null when there is nothing left to take.
  std::shared_ptr<Pass> Take(Done done) {
    const std::lock_guard lock(mutex);
    if (!outcome || pass->next == end) return nullptr;
    auto one = std::make_shared<Pass>(Pass{.key = pass->key, .done = std::move(done)});
    one->plan.actions.push_back(std::move(pass->plan.actions[pass->next++]));
    return one;
  }

  void Tell(Result<void> result) {
    const std::lock_guard lock(mutex);
    if (outcome && !result) outcome = std::move(result);
  }

  // Whether this lane is the last.
  bool Leave() {
    const std::lock_guard lock(mutex);
    return --lanes == 0;
  }
};

void Executor::DeleteTogether(const PassPtr& pass, std::size_t end) {
  const std::size_t lanes = std::min(kDeletesTogetherMax, end - pass->next);
  const auto deletes = std::make_shared<Deletes>(pass, end, lanes);
  for (std::size_t i = 0; i < lanes; ++i) DeleteNext(deletes);
}

void Executor::DeleteNext(const std::shared_ptr<Deletes>& deletes) {
  const PassPtr one = deletes->Take([this, deletes](Result<void> result) {
    deletes->Tell(std::move(result));
    DeleteNext(deletes);
  });
  if (one) return Write(one);
  if (!deletes->Leave()) return;
  if (!deletes->outcome) return deletes->pass->done(std::move(deletes->outcome));
  Next(deletes->pass);
}

}  // namespace ffdl::k8s
