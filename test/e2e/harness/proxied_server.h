#pragma once

#include <string>

#include "test/wire/fault_proxy.h"

namespace ffdl::e2e {

// The cluster's API server behind a proxy that spoils requests.
class ProxiedServer {
 public:
  // See FaultProxy.
  explicit ProxiedServer(test::FaultProxy::Choose choose, test::FaultProxy::Struck struck = {});
  ~ProxiedServer();
  ProxiedServer(const ProxiedServer&) = delete;
  ProxiedServer& operator=(const ProxiedServer&) = delete;

  // With it the operator's service account gets there by way of the proxy.
  [[nodiscard]] const std::string& kubeconfig() const { return kubeconfig_; }
  [[nodiscard]] test::FaultProxy& proxy() { return proxy_; }

 private:
  const std::string folder_;
  const test::Authority authority_;
  test::FaultProxy proxy_;
  const std::string kubeconfig_;
};

}  // namespace ffdl::e2e
