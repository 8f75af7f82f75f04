#include "operator/agent/fetch_failure.h"

#include <utility>

#include "operator/agent/fetch.h"

namespace ffdl::agent {
namespace {

using object_store::ErrorKind;

constexpr std::string_view kStartsByItself = ", and the learner starts by itself";

std::string Quote(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string Field(std::string_view name) {
  return "`spec.code.objectStore." + std::string(name) + "`";
}

std::string BucketOf(const FetchOptions& options) {
  return "bucket " + Quote(options.bucket) + " at " + options.endpoint;
}

std::string InBrackets(const std::string& server_said) {
  return server_said.empty() ? "" : " (" + server_said + ")";
}

Termination CodeMissing(std::string message) {
  return {
      .reason = reason::kCodeMissing, .exit_code = kExitCodeMissing, .message = std::move(message)};
}

Termination AccessDenied(std::string message) {
  return {.reason = reason::kCodeAccessDenied,
          .exit_code = kExitCodeAccessDenied,
          .message = std::move(message)};
}

Termination Unavailable(std::string message) {
  return {.reason = reason::kObjectStoreUnavailable,
          .exit_code = kExitObjectStoreUnavailable,
          .message = std::move(message)};
}

Termination NoBucket(const FetchOptions& options, const std::string& server_said) {
  return CodeMissing("there is no " + BucketOf(options) + InBrackets(server_said) + "; correct " +
                     Field("bucket") + ", or create it and put the code there" +
                     std::string(kStartsByItself));
}

Termination Denied(const FetchOptions& options, const std::string& server_said) {
  const std::string what = SourceOf(options) + " cannot be read" + InBrackets(server_said);
  if (options.credentials.empty()) {
    return AccessDenied(what + "; name a Secret with credentials in " +
                        Field("credentials.secretName"));
  }
  return AccessDenied(what + "; correct the credentials in Secret " + Quote(options.secret) +
                      " or what they may do" + std::string(kStartsByItself));
}

Termination Untrusted(const FetchOptions& options, const object_store::Error& error) {
  const std::string secret = options.credentials.empty()
                                 ? "a Secret that " + Field("credentials.secretName") + " names"
                                 : "Secret " + Quote(options.secret);
  return Unavailable(options.endpoint + " is not trusted (" + error.message +
                     "); put the certificate of its authority into ca.crt of " + secret);
}

Termination WrongRegion(const FetchOptions& options, const object_store::Error& error) {
  return CodeInvalid(BucketOf(options) + " is in region " + Quote(error.region) + ", not in " +
                     Quote(options.region) + "; set " + Field("region") + " to " +
                     Quote(error.region));
}

}  // namespace

Termination FilesFailed(const Error& error) {
  return {
      .reason = reason::kInstallFailed, .exit_code = kExitInstallFailed, .message = error.message};
}

Termination CodeInvalid(std::string message) {
  return {
      .reason = reason::kCodeInvalid, .exit_code = kExitCodeInvalid, .message = std::move(message)};
}

std::string SourceOf(const FetchOptions& options) {
  if (options.key) return Quote(*options.key) + " of " + BucketOf(options);
  if (FolderOf(options).empty()) return BucketOf(options);
  return Quote(FolderOf(options)) + " of " + BucketOf(options);
}

Termination NoCode(const FetchOptions& options, const std::string& server_said) {
  const std::string what = options.key ? "there is no object " : "there is no object below ";
  return CodeMissing(what + SourceOf(options) + InBrackets(server_said) + "; correct " +
                     Field(options.key ? "key" : "prefix") + ", or put the code there" +
                     std::string(kStartsByItself));
}

Termination NoCredentials(const FetchOptions& options, const std::string& keys) {
  return AccessDenied("Secret " + Quote(options.secret) + " does not exist or lacks " + keys +
                      "; create it" + std::string(kStartsByItself));
}

Termination StoreFailed(const object_store::Error& error, const FetchOptions& options) {
  switch (error.kind) {
    case ErrorKind::kMissing:
      return error.code == "NoSuchBucket" ? NoBucket(options, error.message)
                                          : NoCode(options, error.message);
    case ErrorKind::kDenied:
      return Denied(options, error.message);
    case ErrorKind::kWrongRegion:
      return WrongRegion(options, error);
    case ErrorKind::kChanged:
      return Unavailable("the objects of " + SourceOf(options) + " change while they are read: " +
                         error.request + ": " + error.message + "; it is tried again by itself");
    case ErrorKind::kTooLarge:
      return CodeInvalid(SourceOf(options) +
                         " has more than 1 GiB; let data come by volumes of `spec.podTemplate`");
    case ErrorKind::kInvalid:
      return Unavailable(options.endpoint + " does not answer as an object store (" +
                         error.request + ": " + error.message + "); correct " + Field("endpoint"));
    case ErrorKind::kUntrusted:
      return Untrusted(options, error);
    case ErrorKind::kUnavailable:
      return Unavailable(options.endpoint + " cannot be used now (" + error.request + ": " +
                         error.message + "); it is tried again by itself; is " + Field("endpoint") +
                         " right?");
    case ErrorKind::kLocal:
      return FilesFailed({.message = error.message});
  }
  return FilesFailed({.message = error.message});
}

}  // namespace ffdl::agent
