#include "k8s-client/api/requests.h"

#include <utility>

#include "k8s-client/meta/json_text.h"

namespace ffdl::k8s {
namespace {

std::string_view Word(Propagation propagation) {
  switch (propagation) {
    case Propagation::kBackground:
      return "Background";
    case Propagation::kForeground:
      return "Foreground";
    case Propagation::kOrphan:
      return "Orphan";
  }
  return "Background";
}

}  // namespace

HttpRequest WithBody(std::string_view method, std::string path, std::string_view content_type,
                     const nlohmann::json& body, Repeat repeat) {
  HttpRequest request;
  request.method = method;
  request.path = std::move(path);
  request.content_type = content_type;
  request.body = JsonText(body);
  request.repeat = repeat;
  return request;
}

nlohmann::json DeleteBody(const Preconditions& expected, const DeleteOptions& options) {
  nlohmann::json body{{"propagationPolicy", Word(options.propagation)}};
  if (options.grace_seconds) body["gracePeriodSeconds"] = *options.grace_seconds;
  if (!expected.uid.empty()) body["preconditions"]["uid"] = expected.uid;
  if (!expected.resource_version.empty()) {
    body["preconditions"]["resourceVersion"] = expected.resource_version;
  }
  return body;
}

std::string WithQuery(std::string path, std::string query) {
  if (!query.empty()) query.front() = '?';
  return path.append(query);
}

}  // namespace ffdl::k8s
