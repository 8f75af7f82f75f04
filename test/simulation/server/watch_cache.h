// What a server keeps in memory to answer watches: the objects of one kind as they were a moment
// ago.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "test/simulation/server/object_log.h"
#include "test/support/virtual_time.h"

namespace ffdl::simulation {

class WatchCache {
 public:
  using Id = std::uint64_t;
  using Receiver = std::function<void(const Revision&)>;

  // Borrows. `lag` is how long after a commit it is seen here.
  WatchCache(const Kind& kind, const ObjectLog& log, test::VirtualLoop& loop,
             std::chrono::milliseconds lag)
      : kind_(kind), log_(log), loop_(loop), lag_(lag) {}
  WatchCache(const WatchCache&) = delete;
  WatchCache& operator=(const WatchCache&) = delete;

  // The log has grown by a revision of this kind.
  void OnCommit();

  // Everything up to this version is in `objects()`. Versions of other kinds count as seen once
  // nothing of this kind is missing, as if etcd had notified the progress.
  [[nodiscard]] std::int64_t version() const;
  [[nodiscard]] const Objects& objects() const { return objects_; }

  // Calls `ready` once everything is seen that has been committed by now.
  void WhenFresh(std::function<void()> ready);

  // `receiver` gets the revisions newer than `after`: those that are known already at once, the
  // others as they are seen. It must not unsubscribe while it is called.
  Id Subscribe(std::int64_t after, Receiver receiver);
  void Unsubscribe(Id id) { receivers_.erase(id); }

 private:
  void AdvanceTo(std::size_t seen);

  const Kind& kind_;
  const ObjectLog& log_;
  test::VirtualLoop& loop_;
  const std::chrono::milliseconds lag_;
  std::size_t seen_ = 0;  // of the log's history
  Objects objects_;
  Id last_id_ = 0;
  std::map<Id, Receiver> receivers_;
  std::multimap<std::size_t, std::function<void()>> waiting_;
};

}  // namespace ffdl::simulation
