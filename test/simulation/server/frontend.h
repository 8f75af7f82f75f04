#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string_view>

#include "test/simulation/server/api_server.h"
#include "test/simulation/server/watch_cache.h"

namespace ffdl::simulation {

// One of the API server processes: writes and reads of single objects go straight to the log, lists
// and watches come from caches that may lag behind it.
class Frontend {
 public:
  // Borrows. A frontend that is made later than the log begins empty, and has seen everything once
  // `lag` has passed.
  Frontend(ApiServer& api, test::VirtualLoop& loop, std::chrono::milliseconds lag);
  Frontend(const Frontend&) = delete;
  Frontend& operator=(const Frontend&) = delete;

  [[nodiscard]] ApiServer& api() { return api_; }
  [[nodiscard]] WatchCache& CacheOf(const Kind& kind) { return *caches_.at(kind.plural); }

 private:
  ApiServer& api_;
  std::map<std::string_view, std::unique_ptr<WatchCache>> caches_;  // by plural
};

}  // namespace ffdl::simulation
