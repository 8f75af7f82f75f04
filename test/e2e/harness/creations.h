#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "test/e2e/harness/watch.h"

namespace ffdl::e2e {

// Counts what comes into being in a namespace, from its construction on.
class Creations {
 public:
  explicit Creations(const std::string& ns);

  // How many different objects of each kind and name ("pods/pair-learner-0") there were, one after
  // the other. The audit log does not tell: of a request whose sender was killed it says 504,
  // whether it was carried out or not.
  [[nodiscard]] std::map<std::string, std::size_t> Count() const;

 private:
  std::map<std::string, std::unique_ptr<Watch>> children_;  // by kind
};

}  // namespace ffdl::e2e
