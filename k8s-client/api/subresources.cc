// The verbs of Client on subresources of pods and of what can be scaled.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "k8s-client/api/requests.h"

namespace ffdl::k8s {
namespace {

std::int64_t NumberAt(const nlohmann::json& object, const nlohmann::json::json_pointer& at) {
  return object.contains(at) && object[at].is_number_integer() ? object[at].get<std::int64_t>() : 0;
}

std::string TextAt(const nlohmann::json& object, const nlohmann::json::json_pointer& at) {
  return object.contains(at) && object[at].is_string() ? object[at].get<std::string>() : "";
}

Result<Scale> ReadScale(const HttpResponse& answer) {
  using Pointer = nlohmann::json::json_pointer;
  const nlohmann::json scale =
      nlohmann::json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (!scale.is_object() || TextAt(scale, Pointer("/kind")) != "Scale") {
    return Fail(ErrorCode::kBadResponse, "the answer is no Scale");
  }
  return Scale{.replicas = NumberAt(scale, Pointer("/spec/replicas")),
               .status_replicas = NumberAt(scale, Pointer("/status/replicas")),
               .selector = TextAt(scale, Pointer("/status/selector")),
               .resource_version = TextAt(scale, Pointer("/metadata/resourceVersion"))};
}

void AddFlag(std::string& query, std::string_view name, bool value) {
  if (value) query.append("&").append(name).append("=true");
}

void AddNumber(std::string& query, std::string_view name,
               const std::optional<std::int64_t>& value) {
  if (value) query.append("&").append(name).append("=").append(std::to_string(*value));
}

}  // namespace

void Client::Evict(const ObjectKey& pod, const Preconditions& expected,
                   const DeleteOptions& options, OnWrite done) {
  const nlohmann::json body{{"apiVersion", "policy/v1"},
                            {"kind", "Eviction"},
                            {"metadata", {{"name", pod.name}, {"namespace", pod.ns}}},
                            {"deleteOptions", DeleteBody(expected, options)}};
  std::string path = WritePath(ResourcePath(kPodType, pod.ns, pod.name) + "/eviction");
  // Never repeated: a 429 is the budget's no, and it is the caller who waits for a yes.
  Write(WithBody("POST", std::move(path), kJsonType, body, Repeat::kNever), std::move(done));
}

void Client::GetScale(const ResourceType& type, const ObjectKey& key,
                      std::function<void(Result<Scale>)> done) {
  HttpRequest request;
  request.path = ResourcePath(type, key.ns, key.name) + "/scale";
  request.repeat = Repeat::kAnyTime;
  transport_.Send(std::move(request),
                  [done = std::move(done)](tl::expected<HttpResponse, TransportError> answer) {
                    if (!answer) return done(unexpected<Error>(std::move(answer.error().error)));
                    if (answer->status != 200)
                      return done(unexpected<Error>(DecodeStatus(*answer)));
                    done(ReadScale(*answer));
                  });
}

void Client::SetScale(const ResourceType& type, const ObjectKey& key, std::int64_t replicas,
                      std::string_view resource_version, OnWrite done) {
  nlohmann::json patch{{"spec", {{"replicas", replicas}}}};
  if (!resource_version.empty()) patch["metadata"]["resourceVersion"] = resource_version;
  std::string path = WritePath(ResourcePath(type, key.ns, key.name) + "/scale");
  Write(WithBody("PATCH", std::move(path), kMergePatchType, patch, Repeat::kIfRefused),
        std::move(done));
}

Transport::StreamId Client::StreamLog(const ObjectKey& pod, const LogOptions& options,
                                      StreamSink& sink) {
  std::string query;
  if (!options.container.empty()) query += "&container=" + EncodeQueryValue(options.container);
  AddFlag(query, "follow", options.follow);
  AddFlag(query, "previous", options.previous);
  AddFlag(query, "timestamps", options.timestamps);
  if (options.since) query += "&sinceTime=" + EncodeQueryValue(FormatTime(*options.since));
  AddNumber(query, "tailLines", options.tail_lines);
  AddNumber(query, "limitBytes", options.limit_bytes);
  HttpRequest request;
  request.path = WithQuery(ResourcePath(kPodType, pod.ns, pod.name) + "/log", std::move(query));
  request.accept = "*/*";  // the API server takes text/plain for a wish that it cannot fulfil
  return transport_.OpenStream(std::move(request), sink);
}

}  // namespace ffdl::k8s
