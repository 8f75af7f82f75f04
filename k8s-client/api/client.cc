#include "k8s-client/api/client.h"

#include <utility>

#include "k8s-client/api/written_object.h"

namespace ffdl::k8s {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kApplyPatch = "application/apply-patch+yaml";  // JSON is YAML
constexpr std::string_view kMergePatch = "application/merge-patch+json";

bool IsSuccess(int status) { return status >= 200 && status < 300; }

// A 5xx does not settle what became of a write: the server may give up waiting for its store, and a
// load balancer for the server, while the write goes on. A body that the server could not use was
// not stored, whatever the number.
bool Settles(int status, const Error& error) {
  return status < 500 || error.code == ErrorCode::kInvalid;
}

WriteResult FromAnswer(const HttpResponse& answer) {
  if (!IsSuccess(answer.status)) {
    Error error = DecodeStatus(answer.status, answer.body, answer.retry_after);
    const bool settled = Settles(answer.status, error);
    return {.outcome = settled ? WriteOutcome::kRejected : WriteOutcome::kUnknown,
            .error = std::move(error)};
  }
  WrittenObject written = ReadWrittenObject(answer.body);
  return {.outcome = WriteOutcome::kCommitted,
          .resource_version = std::move(written.resource_version),
          .uid = std::move(written.uid)};
}

WriteResult FromFailure(TransportError failure) {
  return {.outcome = failure.delivery == Delivery::kNotSent ? WriteOutcome::kNotSent
                                                            : WriteOutcome::kUnknown,
          .error = std::move(failure.error)};
}

void Write(Transport& transport, HttpRequest request, Client::OnWrite done) {
  transport.Send(std::move(request),
                 [done = std::move(done)](tl::expected<HttpResponse, TransportError> answer) {
                   done(answer ? FromAnswer(*answer) : FromFailure(std::move(answer.error())));
                 });
}

HttpRequest WithBody(std::string_view method, std::string path, std::string_view content_type,
                     const nlohmann::json& body) {
  HttpRequest request;
  request.method = method;
  request.path = std::move(path);
  request.content_type = content_type;
  // Text that is no UTF-8 can only come from outside (a log line in a message): replaced, not
  // thrown at.
  request.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return request;
}

std::string ObjectPath(const ResourceType& type, const ObjectKey& key, bool status) {
  std::string path = ResourcePath(type, key.ns, key.name);
  if (status) path += "/status";
  return path;
}

}  // namespace

void Client::Get(const ResourceType& type, const ObjectKey& key, OnObject done) {
  HttpRequest request;
  request.path = ObjectPath(type, key, /*status=*/false);
  transport_.Send(std::move(request), [done = std::move(done)](
                                          tl::expected<HttpResponse, TransportError> answer) {
    if (!answer) {
      done(unexpected<Error>(std::move(answer.error().error)));
    } else if (!IsSuccess(answer->status)) {
      done(unexpected<Error>(DecodeStatus(answer->status, answer->body, answer->retry_after)));
    } else {
      done(std::move(answer->body));
    }
  });
}

void Client::Apply(const ResourceType& type, const ObjectKey& key, const nlohmann::json& body,
                   const ApplyOptions& options, OnWrite done) {
  std::string path = ObjectPath(type, key, options.status);
  path += "?fieldManager=" + EncodeQueryValue(options.field_manager);
  path += options.force ? "&force=true" : "&force=false";
  Write(transport_, WithBody("PATCH", std::move(path), kApplyPatch, body), std::move(done));
}

void Client::Create(const ResourceType& type, std::string_view ns, const nlohmann::json& body,
                    std::string_view field_manager, OnWrite done) {
  std::string path = ResourcePath(type, ns) + "?fieldManager=" + EncodeQueryValue(field_manager);
  Write(transport_, WithBody("POST", std::move(path), kJson, body), std::move(done));
}

void Client::Replace(const ResourceType& type, const ObjectKey& key, const nlohmann::json& body,
                     OnWrite done) {
  Write(transport_, WithBody("PUT", ObjectPath(type, key, /*status=*/false), kJson, body),
        std::move(done));
}

void Client::MergePatch(const ResourceType& type, const ObjectKey& key, const nlohmann::json& patch,
                        bool status, OnWrite done) {
  Write(transport_, WithBody("PATCH", ObjectPath(type, key, status), kMergePatch, patch),
        std::move(done));
}

void Client::Delete(const ResourceType& type, const ObjectKey& key, const Preconditions& expected,
                    std::optional<std::int64_t> grace_seconds, OnWrite done) {
  nlohmann::json body{
      {"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", "Background"}};
  if (grace_seconds) body["gracePeriodSeconds"] = *grace_seconds;
  if (!expected.uid.empty()) body["preconditions"]["uid"] = expected.uid;
  if (!expected.resource_version.empty()) {
    body["preconditions"]["resourceVersion"] = expected.resource_version;
  }
  Write(transport_, WithBody("DELETE", ObjectPath(type, key, /*status=*/false), kJson, body),
        std::move(done));
}

}  // namespace ffdl::k8s
