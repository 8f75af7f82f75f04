#include "test/simulation/server/frontend.h"

namespace ffdl::simulation {

Frontend::Frontend(ApiServer& api, test::VirtualLoop& loop, std::chrono::milliseconds lag)
    : api_(api) {
  for (const Kind* const kind : AllKinds()) {
    if (!kind->is_watched) continue;
    const auto [it, added] =
        caches_.emplace(kind->plural, std::make_unique<WatchCache>(*kind, api.log(), loop, lag));
    it->second->OnCommit();
  }
  api.OnCommit([this](const Commit& commit) {
    const auto it = caches_.find(commit.kind.plural);
    if (it != caches_.end()) it->second->OnCommit();
  });
}

}  // namespace ffdl::simulation
