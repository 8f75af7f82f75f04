#pragma once

#include <memory>
#include <string>

#include "test/e2e/harness/child_process.h"
#include "test/e2e/harness/command.h"

namespace ffdl::e2e {

// A TCP port of 127.0.0.1 that nobody listened on a moment ago.
[[nodiscard]] int FreePort();

// A second API server beside the cluster's own: the same program, flags and certificates, but with
// a part of etcd for itself. So it starts within seconds and knows nothing of TrainingJobs.
class EmptyApiServer {
 public:
  EmptyApiServer();
  ~EmptyApiServer();
  EmptyApiServer(const EmptyApiServer&) = delete;
  EmptyApiServer& operator=(const EmptyApiServer&) = delete;

  // An admin's.
  [[nodiscard]] const std::string& kubeconfig() const { return kubeconfig_; }
  [[nodiscard]] CommandResult Kubectl(Words words) const;

 private:
  const std::string folder_;
  std::string kubeconfig_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace ffdl::e2e
