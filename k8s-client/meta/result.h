// Errors are values. One closed set of kinds; context grows outward.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace ffdl::k8s {

// What went wrong, as far as a caller can act on it. `reason` of a Kubernetes Status object and the
// HTTP code are mapped to one of these (kubernetes/apimachinery pkg/apis/meta/v1/types.go).
enum class ErrorCode {
  kNotFound,
  kAlreadyExists,
  kConflict,      // resourceVersion, uid or field-manager conflict: our copy was stale
  kInvalid,       // 400, 413, 415, 422: the request itself is wrong
  kUnauthorized,  // 401
  kForbidden,     // 403, quota included
  kExpired,       // 410 Gone or reason Expired: the resource version is too old
  kTooManyRequests,
  kUnavailable,  // no connection, 5xx
  kTimeout,
  kBadResponse,  // an answer that cannot be understood
  kInternal,     // a defect of ours
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // outermost context first: "create StatefulSet ml/bert: conflict"
  // What the server asked us to wait (Retry-After, details.retryAfterSeconds); zero when it said
  // nothing.
  std::chrono::milliseconds retry_after{0};
  // The first of the server's details.causes: what kind of conflict, whose budget; "" for none.
  std::string cause;
  // Under which the server has noted the request in its log and its audit log; "" when it never got
  // there. Not in `message`, which must not differ from one try to the next.
  std::string audit_id;

  // Another field manager owns what an apply wanted to set; force would take it.
  [[nodiscard]] bool IsFieldManagerConflict() const { return cause == "FieldManagerConflict"; }
  // An eviction would break a PodDisruptionBudget; wait and try again, never delete instead.
  [[nodiscard]] bool IsDisruptionBudget() const { return cause == "DisruptionBudget"; }

  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

using tl::unexpected;

[[nodiscard]] inline unexpected<Error> Fail(ErrorCode code, std::string message) {
  return unexpected<Error>(Error{.code = code, .message = std::move(message)});
}

[[nodiscard]] inline Error WithContext(std::string_view what, Error cause) {
  cause.message.insert(0, std::string(what) + ": ");
  return cause;
}

// For logs: the message, and where to look for more.
[[nodiscard]] std::string Describe(const Error& error);

enum class Retry { kNever, kSoon, kBackoff };

// The only place that decides whether trying again can help.
[[nodiscard]] constexpr Retry RetryFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kConflict:
    case ErrorCode::kExpired:
      return Retry::kSoon;  // our copy was stale; a fresh read is enough
    case ErrorCode::kInvalid:
    case ErrorCode::kForbidden:
      return Retry::kNever;  // a person must fix spec, quota or RBAC; a slow look-again covers it
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kUnauthorized:
    case ErrorCode::kTooManyRequests:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
    case ErrorCode::kBadResponse:
    case ErrorCode::kInternal:
      return Retry::kBackoff;
  }
  return Retry::kBackoff;
}

// One word for logs and metrics.
[[nodiscard]] std::string_view ToString(ErrorCode code);

}  // namespace ffdl::k8s
