#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

std::string_view ToString(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound:
      return "NotFound";
    case ErrorCode::kAlreadyExists:
      return "AlreadyExists";
    case ErrorCode::kConflict:
      return "Conflict";
    case ErrorCode::kInvalid:
      return "Invalid";
    case ErrorCode::kUnauthorized:
      return "Unauthorized";
    case ErrorCode::kForbidden:
      return "Forbidden";
    case ErrorCode::kExpired:
      return "Expired";
    case ErrorCode::kTooManyRequests:
      return "TooManyRequests";
    case ErrorCode::kUnavailable:
      return "Unavailable";
    case ErrorCode::kTimeout:
      return "Timeout";
    case ErrorCode::kBadResponse:
      return "BadResponse";
    case ErrorCode::kInternal:
      return "Internal";
  }
  return "Internal";
}

std::string Describe(const Error& error) {
  if (error.audit_id.empty()) return error.message;
  return error.message + " (audit ID " + error.audit_id + ")";
}

}  // namespace ffdl::k8s
