#include "k8s-client/api/client.h"

#include <utility>

#include "k8s-client/api/requests.h"
#include "k8s-client/api/written_object.h"

namespace ffdl::k8s {
namespace {

constexpr std::string_view kApplyPatchType = "application/apply-patch+yaml";  // JSON is YAML
constexpr std::string_view kJsonPatchType = "application/json-patch+json";

bool IsSuccess(int status) { return status >= 200 && status < 300; }

// A 5xx does not settle what became of a write: the server may give up waiting for its store, and a
// load balancer for the server, while the write goes on. A body that the server could not use was
// not stored, whatever the number.
bool Settles(int status, const Error& error) {
  return status < 500 || error.code == ErrorCode::kInvalid;
}

WriteResult FromAnswer(const HttpResponse& answer) {
  if (!IsSuccess(answer.status)) {
    Error error = DecodeStatus(answer);
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

std::string ObjectPath(const ResourceType& type, const ObjectKey& key, std::string_view sub = "") {
  return ResourcePath(type, key.ns, key.name).append(sub);
}

nlohmann::json WithKind(nlohmann::json delete_options) {
  delete_options["apiVersion"] = "v1";
  delete_options["kind"] = "DeleteOptions";
  return delete_options;
}

}  // namespace

// The path of a write. `query` is as WithQuery wants it.
std::string Client::WritePath(std::string path, std::string query) const {
  if (options_.dry_run) query += "&dryRun=All";
  if (options_.field_validation == FieldValidation::kStrict) query += "&fieldValidation=Strict";
  return WithQuery(std::move(path), std::move(query));
}

void Client::Write(HttpRequest request, OnWrite done) {
  if (request.body.size() > kRequestBytesMax) {
    return done({.outcome = WriteOutcome::kNotSent,
                 .error = {.code = ErrorCode::kInvalid,
                           .message = "the object has " + std::to_string(request.body.size()) +
                                      " bytes as JSON; the API server reads at most " +
                                      std::to_string(kRequestBytesMax)}});
  }
  transport_.Send(std::move(request),
                  [done = std::move(done)](tl::expected<HttpResponse, TransportError> answer) {
                    done(answer ? FromAnswer(*answer) : FromFailure(std::move(answer.error())));
                  });
}

void Client::Get(const ResourceType& type, const ObjectKey& key, OnObject done) {
  HttpRequest request;
  request.path = ObjectPath(type, key);
  request.repeat = Repeat::kAnyTime;
  transport_.Send(std::move(request),
                  [done = std::move(done)](tl::expected<HttpResponse, TransportError> answer) {
                    if (!answer) {
                      done(unexpected<Error>(std::move(answer.error().error)));
                    } else if (!IsSuccess(answer->status)) {
                      done(unexpected<Error>(DecodeStatus(*answer)));
                    } else {
                      done(std::move(answer->body));
                    }
                  });
}

void Client::Apply(const ResourceType& type, const ObjectKey& key, const nlohmann::json& body,
                   const ApplyOptions& options, OnWrite done) {
  std::string query = "&fieldManager=" + EncodeQueryValue(options.field_manager);
  query += options.force ? "&force=true" : "&force=false";
  std::string path =
      WritePath(ObjectPath(type, key, options.status ? "/status" : ""), std::move(query));
  Write(WithBody("PATCH", std::move(path), kApplyPatchType, body, Repeat::kAnyTime),
        std::move(done));
}

void Client::Create(const ResourceType& type, std::string_view ns, const nlohmann::json& body,
                    std::string_view field_manager, OnWrite done) {
  std::string path =
      WritePath(ResourcePath(type, ns), "&fieldManager=" + EncodeQueryValue(field_manager));
  Write(WithBody("POST", std::move(path), kJsonType, body, Repeat::kIfRefused), std::move(done));
}

// Never repeated: whoever holds a Lease must know when it was last written.
void Client::Replace(const ResourceType& type, const ObjectKey& key, const nlohmann::json& body,
                     OnWrite done) {
  Write(WithBody("PUT", WritePath(ObjectPath(type, key)), kJsonType, body, Repeat::kNever),
        std::move(done));
}

void Client::MergePatch(const ResourceType& type, const ObjectKey& key, const nlohmann::json& patch,
                        bool status, OnWrite done) {
  Write(WithBody("PATCH", WritePath(ObjectPath(type, key, status ? "/status" : "")),
                 kMergePatchType, patch, Repeat::kIfRefused),
        std::move(done));
}

void Client::JsonPatch(const ResourceType& type, const ObjectKey& key,
                       const nlohmann::json& operations, OnWrite done) {
  Write(WithBody("PATCH", WritePath(ObjectPath(type, key)), kJsonPatchType, operations,
                 Repeat::kIfRefused),
        std::move(done));
}

void Client::Delete(const ResourceType& type, const ObjectKey& key, const Preconditions& expected,
                    const DeleteOptions& options, OnWrite done) {
  // With a uid the second of two deletes can only find the object gone.
  const Repeat repeat = expected.uid.empty() ? Repeat::kIfRefused : Repeat::kAnyTime;
  Write(WithBody("DELETE", WritePath(ObjectPath(type, key)), kJsonType,
                 WithKind(DeleteBody(expected, options)), repeat),
        std::move(done));
}

void Client::DeleteCollection(const ResourceType& type, std::string_view ns,
                              const Selectors& selectors, const DeleteOptions& options,
                              OnWrite done) {
  if (selectors.label.empty() && selectors.field.empty()) {
    return done({.outcome = WriteOutcome::kNotSent,
                 .error = {.code = ErrorCode::kInvalid,
                           .message = "a selector is needed to delete a collection"}});
  }
  std::string query;
  if (!selectors.label.empty()) query += "&labelSelector=" + EncodeQueryValue(selectors.label);
  if (!selectors.field.empty()) query += "&fieldSelector=" + EncodeQueryValue(selectors.field);
  Write(WithBody("DELETE", WritePath(ResourcePath(type, ns), std::move(query)), kJsonType,
                 WithKind(DeleteBody({}, options)), Repeat::kAnyTime),
        std::move(done));
}

}  // namespace ffdl::k8s
