#include "test/simulation/server/watch_cache.h"

#include <vector>

namespace ffdl::simulation {

void WatchCache::OnCommit() {
  loop_.After(lag_, [this, all = log_.History(kind_).size()] { AdvanceTo(all); });
}

std::int64_t WatchCache::version() const {
  const std::vector<Revision>& history = log_.History(kind_);
  if (seen_ == history.size()) return log_.version();
  return seen_ == 0 ? 0 : history[seen_ - 1].version;
}

void WatchCache::AdvanceTo(std::size_t seen) {
  const std::vector<Revision>& history = log_.History(kind_);
  for (; seen_ < seen; ++seen_) {
    const Revision& revision = history[seen_];
    if (revision.change == Change::kDeleted) {
      objects_.erase(revision.object->key);
    } else {
      objects_[revision.object->key] = revision.object;
    }
    for (const auto& [id, receive] : receivers_) receive(revision);
  }
  while (!waiting_.empty() && waiting_.begin()->first <= seen_) {
    const auto ready = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    ready();
  }
}

void WatchCache::WhenFresh(std::function<void()> ready) {
  const std::size_t all = log_.History(kind_).size();
  if (all <= seen_) return ready();
  waiting_.emplace(all, std::move(ready));
}

WatchCache::Id WatchCache::Subscribe(std::int64_t after, Receiver receiver) {
  const std::vector<Revision>& history = log_.History(kind_);
  for (std::size_t i = 0; i < seen_; ++i) {
    if (history[i].version > after) receiver(history[i]);
  }
  receivers_.emplace(++last_id_, std::move(receiver));
  return last_id_;
}

}  // namespace ffdl::simulation
