#include "test/e2e/harness/cluster_api.h"

#include <cstdlib>
#include <utility>

#include "k8s-client/api/blocking.h"
#include "k8s-client/auth/cluster_config.h"
#include "test/e2e/harness/story_failure.h"

namespace ffdl::e2e {
namespace {

constexpr std::chrono::seconds kAnswerMax{60};
constexpr int kNotFound = 404;

using Answer = tl::expected<k8s::HttpResponse, k8s::TransportError>;

k8s::HttpResponse MustSucceed(const k8s::HttpRequest& request, k8s::HttpResponse answer) {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw StoryFailure(request.method + " " + request.path + ": " + std::to_string(answer.status) +
                     " " + answer.body);
}

}  // namespace

ClusterApi::ClusterApi(const std::string& kubeconfig) {
  const auto cluster = k8s::LoadClusterConfig({.kubeconfig = kubeconfig});
  if (!cluster) throw StoryFailure(cluster.error().message);
  auto transport = k8s::CurlTransport::Open(*cluster, {.thread_name = "e2e"});
  if (!transport) throw StoryFailure(transport.error().message);
  transport_ = std::move(*transport);
}

k8s::HttpResponse ClusterApi::Send(const k8s::HttpRequest& request) {
  auto answer = k8s::WaitFor<Answer>(
      kAnswerMax, [&](auto done) { transport_->Send(request, std::move(done)); });
  if (!answer) throw StoryFailure(request.path + ": no answer");
  if (!*answer) throw StoryFailure(request.path + ": " + answer->error().error.message);
  return std::move(**answer);
}

Json ClusterApi::Get(const std::string& path) {
  const k8s::HttpRequest request{.path = path};
  k8s::HttpResponse answer = Send(request);
  if (answer.status == kNotFound) return {};
  return Json::parse(MustSucceed(request, std::move(answer)).body);
}

std::vector<Json> ClusterApi::List(const k8s::ResourceType& type, const std::string& ns) {
  return Get(k8s::ResourcePath(type, ns)).at("items");  // etcd's order is that of names
}

void ClusterApi::Create(const k8s::ResourceType& type, const std::string& ns, const Json& object) {
  const k8s::HttpRequest request{.method = "POST",
                                 .path = k8s::ResourcePath(type, ns),
                                 .content_type = "application/json",
                                 .body = object.dump()};
  MustSucceed(request, Send(request));
}

void ClusterApi::MergePatch(const std::string& path, const Json& patch) {
  const k8s::HttpRequest request{.method = "PATCH",
                                 .path = path,
                                 .content_type = "application/merge-patch+json",
                                 .body = patch.dump()};
  MustSucceed(request, Send(request));
}

void ClusterApi::Delete(const std::string& path) {
  const k8s::HttpRequest request{.method = "DELETE", .path = path};
  k8s::HttpResponse answer = Send(request);
  if (answer.status != kNotFound) MustSucceed(request, std::move(answer));
}

std::string AdminKubeconfig() {
  const char* const path = std::getenv("KUBECONFIG");
  if (path == nullptr) throw StoryFailure("KUBECONFIG is not set: run me by test/cluster/run");
  return path;
}

}  // namespace ffdl::e2e
