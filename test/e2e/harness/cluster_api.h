#pragma once

#include <memory>
#include <string>
#include <vector>

#include "k8s-client/api/client.h"
#include "k8s-client/net/curl_transport.h"
#include "test/e2e/harness/json.h"

namespace ffdl::e2e {

// The cluster's API in few words and without a process for each of them, for tests that ask often.
// Waits for each answer. Any thread. Throws StoryFailure when the server says no.
class ClusterApi {
 public:
  // As whom `kubeconfig` says.
  explicit ClusterApi(const std::string& kubeconfig);

  // Paths are ResourcePath's. Null when there is no such object.
  [[nodiscard]] Json Get(const std::string& path);
  // All objects of the kind, in the order of their names.
  [[nodiscard]] std::vector<Json> List(const k8s::ResourceType& type, const std::string& ns);
  void Create(const k8s::ResourceType& type, const std::string& ns, const Json& object);
  void MergePatch(const std::string& path, const Json& patch);
  // Nothing happens when it is gone.
  void Delete(const std::string& path);

  // Whatever the server answers; an answer that does not come is a StoryFailure.
  [[nodiscard]] k8s::HttpResponse Send(const k8s::HttpRequest& request);

 private:
  std::unique_ptr<k8s::CurlTransport> transport_;
};

// The kubeconfig of the cluster's admin.
[[nodiscard]] std::string AdminKubeconfig();

inline constexpr k8s::ResourceType kNamespaceType{"", "v1", "Namespace", "namespaces"};

}  // namespace ffdl::e2e
