#include "test/e2e/harness/creations.h"

#include <set>

#include "test/e2e/harness/json.h"

namespace ffdl::e2e {

Creations::Creations(const std::string& ns) {
  for (const char* kind : {"services", "persistentvolumeclaims", "statefulsets", "pods"}) {
    children_[kind] = std::make_unique<Watch>(ns, kind);
  }
}

std::map<std::string, std::size_t> Creations::Count() const {
  std::map<std::string, std::set<std::string>> uids;
  for (const auto& [kind, watch] : children_) {
    for (const Change& change : watch->All()) {
      uids[kind + "/" + TextAt(change.object, "/metadata/name")].insert(
          TextAt(change.object, "/metadata/uid"));
    }
  }
  std::map<std::string, std::size_t> creations;
  for (const auto& [object, of_object] : uids) creations[object] = of_object.size();
  return creations;
}

}  // namespace ffdl::e2e
