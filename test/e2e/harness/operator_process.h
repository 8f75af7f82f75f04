#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "test/e2e/harness/child_process.h"
#include "test/e2e/harness/story.h"

namespace ffdl::e2e {

// The operator as a process of this machine, outside the cluster, with a token of the service
// account that it has inside.
class OperatorProcess {
 public:
  // `name` is for its log. `flags` come after those that every operator here needs.
  OperatorProcess(const std::string& name, const Words& flags);
  // With this kubeconfig instead of a token of its own.
  OperatorProcess(const std::string& name, const std::string& kubeconfig, const Words& flags);
  ~OperatorProcess();
  OperatorProcess(const OperatorProcess&) = delete;
  OperatorProcess& operator=(const OperatorProcess&) = delete;

  void Signal(int number) const { process_->Signal(number); }
  std::optional<int> WaitFor(std::chrono::milliseconds limit) { return process_->WaitFor(limit); }

  // Which token of its own it writes with, as the audit log names it.
  [[nodiscard]] const std::string& credential() const { return credential_; }
  [[nodiscard]] std::string Log() const;

 private:
  void Start(const std::string& kubeconfig, const Words& flags);

  const std::string folder_;
  const std::string log_;
  std::string credential_;
  std::unique_ptr<ChildProcess> process_;
};

// The path of the program, as it was built.
[[nodiscard]] std::string OperatorProgram();

// A copy of our own kubeconfig, in `folder`; with `token` instead of the admin's certificate unless
// it is empty, and with another server and another authority (PEM) if they are named.
[[nodiscard]] std::string WriteKubeconfig(const std::string& folder, const std::string& token,
                                          const std::string& server = "",
                                          const std::string& authority = "");

// A new folder for files of one test. Removed by the caller.
[[nodiscard]] std::string MakeFolder();

// A token of the operator's service account.
[[nodiscard]] std::string OperatorToken();

// A story without the cluster's own operator: it is scaled to zero meanwhile, so that the story
// decides which operators run, and when.
class StoryWithoutOperator : public Story {
 protected:
  void SetUp() override;
  void TearDown() override;
};

}  // namespace ffdl::e2e
