#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "operator/agent/termination.h"

namespace ffdl::agent {

struct InstallOptions {
  std::string launch_from;  // the file ffdl-launch
  std::string launch_to;    // a folder
  std::string code_from;    // a mounted ConfigMap or a folder; "" when there is no code to bring
  std::string code_to;
  std::string code_name;   // of that ConfigMap, for people
  std::string code_claim;  // of the PersistentVolumeClaim with that folder; "" for a ConfigMap
  std::vector<std::string> make_directories;
};

// Puts in place what the learner container needs. May run again at any time, also after it was
// interrupted.
[[nodiscard]] tl::expected<void, Termination> Install(const InstallOptions& options);

}  // namespace ffdl::agent
