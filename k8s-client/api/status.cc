// DecodeStatus: what an answer other than 2xx means.
#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "k8s-client/api/client.h"
#include "k8s-client/net/transport.h"

namespace ffdl::k8s {
namespace {

constexpr std::size_t kForeignBytesMax = 200;  // of a body that is no Status
// A Status of the API server is a few hundred bytes. What is larger is not taken apart: its tree
// would take ten times the room.
constexpr std::size_t kStatusBytesMax = 1024UL * 1024;
constexpr std::size_t kCauseBytesMax = 100;

struct Reason {
  std::string_view name;
  ErrorCode code;
};

// metav1.StatusReason. AlreadyExists and Conflict share the HTTP code 409; only the reason tells
// them apart. A conflict of field managers in server-side apply is a Conflict, too, and its message
// names them.
constexpr std::array kReasons{
    Reason{"Unauthorized", ErrorCode::kUnauthorized},
    Reason{"Forbidden", ErrorCode::kForbidden},
    Reason{"NotFound", ErrorCode::kNotFound},
    Reason{"AlreadyExists", ErrorCode::kAlreadyExists},
    Reason{"Conflict", ErrorCode::kConflict},
    Reason{"Gone", ErrorCode::kExpired},
    Reason{"Expired", ErrorCode::kExpired},
    Reason{"Invalid", ErrorCode::kInvalid},
    Reason{"BadRequest", ErrorCode::kInvalid},
    Reason{"MethodNotAllowed", ErrorCode::kInvalid},
    Reason{"NotAcceptable", ErrorCode::kInvalid},
    Reason{"RequestEntityTooLarge", ErrorCode::kInvalid},
    Reason{"UnsupportedMediaType", ErrorCode::kInvalid},
    Reason{"TooManyRequests", ErrorCode::kTooManyRequests},
    Reason{"Timeout", ErrorCode::kTimeout},
    Reason{"ServerTimeout", ErrorCode::kUnavailable},
    Reason{"StorageReadError", ErrorCode::kUnavailable},
    Reason{"InternalError", ErrorCode::kUnavailable},
    Reason{"ServiceUnavailable", ErrorCode::kUnavailable},
};

ErrorCode CodeOfHttp(int status) {
  switch (status) {
    case 401:
      return ErrorCode::kUnauthorized;
    case 403:
      return ErrorCode::kForbidden;
    case 404:
      return ErrorCode::kNotFound;
    case 408:
    case 504:
      return ErrorCode::kTimeout;
    case 409:
      return ErrorCode::kConflict;
    case 410:
      return ErrorCode::kExpired;
    case 429:
      return ErrorCode::kTooManyRequests;
    default:
      if (status >= 500 && status < 600) return ErrorCode::kUnavailable;
      if (status >= 400 && status < 500) return ErrorCode::kInvalid;
      return ErrorCode::kBadResponse;  // a redirect, or no HTTP code at all
  }
}

ErrorCode CodeOf(int status, std::string_view reason) {
  const auto* const found =
      std::ranges::find_if(kReasons, [&](const Reason& known) { return known.name == reason; });
  return found == kReasons.end() ? CodeOfHttp(status) : found->code;
}

// A body that does not fit the schema is answered with 500 by server-side apply
// (structured-merge-diff's "failed to create typed patch object", and "failed to convert new
// object" of the conversion after it). Nothing was stored, and sending it again gives the same
// answer.
bool IsBodyThatDoesNotFit(int status, std::string_view message) {
  return status == 500 && (message.starts_with("failed to create typed patch object") ||
                           message.starts_with("failed to convert new object"));
}

// A server-side apply that names the uid of a predecessor is answered like an edit of the uid.
bool IsAnotherUid(int status, std::string_view message) {
  return status == 422 && message.find("metadata.uid: Invalid value") != std::string_view::npos;
}

// The beginning of a body that a proxy or a load balancer wrote, fit for a log line.
std::string Printable(std::string_view body) {
  std::string text;
  for (const char c : body.substr(0, kForeignBytesMax)) {
    const bool prints = std::isprint(static_cast<unsigned char>(c)) != 0;
    if (prints && c != ' ') {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';  // line ends and runs of blanks say nothing
    }
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string TextAt(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::chrono::milliseconds RetryAfterIn(const nlohmann::json& status) {
  const auto details = status.find("details");
  if (details == status.end() || !details->is_object()) return {};
  const auto seconds = details->find("retryAfterSeconds");
  if (seconds == details->end() || !seconds->is_number_integer()) return {};
  constexpr std::int64_t kMax = std::chrono::seconds(kRetryAfterMax).count();
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds->get<std::int64_t>(), 0, kMax));
}

// The reason of the first cause.
std::string CauseIn(const nlohmann::json& status) {
  const nlohmann::json::json_pointer at("/details/causes/0/reason");
  if (!status.contains(at) || !status[at].is_string()) return "";
  return status[at].get<std::string>().substr(0, kCauseBytesMax);
}

nlohmann::json Parse(std::string_view body) {
  if (body.size() > kStatusBytesMax) return nullptr;
  return nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
}

bool IsStatus(const nlohmann::json& body) {
  return body.is_object() && TextAt(body, "kind") == "Status";
}

Error FromStatus(int http_status, const nlohmann::json& status,
                 std::chrono::milliseconds retry_after) {
  const std::string reason = TextAt(status, "reason");
  const std::string message = TextAt(status, "message");
  Error error{.code = CodeOf(http_status, reason),
              .message = "HTTP " + std::to_string(http_status),
              .retry_after = std::max(retry_after, RetryAfterIn(status))};
  if (IsBodyThatDoesNotFit(http_status, message)) error.code = ErrorCode::kInvalid;
  if (IsAnotherUid(http_status, message)) error.code = ErrorCode::kConflict;
  if (!reason.empty()) error.message += " " + reason;
  if (!message.empty()) error.message += ": " + message;
  error.cause = CauseIn(status);
  return error;
}

Error FromForeign(int http_status, std::string_view body, std::chrono::milliseconds retry_after) {
  Error error{.code = CodeOfHttp(http_status),
              .message = "HTTP " + std::to_string(http_status),
              .retry_after = retry_after};
  if (const std::string text = Printable(body); !text.empty()) error.message += ": " + text;
  return error;
}

}  // namespace

Error DecodeStatus(const HttpResponse& answer) {
  const nlohmann::json status = Parse(answer.body);
  Error error = IsStatus(status) ? FromStatus(answer.status, status, answer.retry_after)
                                 : FromForeign(answer.status, answer.body, answer.retry_after);
  // A Status says what it is about; a page of a proxy does not.
  if (!IsStatus(status) && !answer.request.empty()) {
    error = WithContext(answer.request, std::move(error));
  }
  error.audit_id = answer.audit_id;
  if (error.code == ErrorCode::kTooManyRequests && !answer.flow_schema.empty()) {
    error.message += " (flow schema " + answer.flow_schema + ")";
  }
  return error;
}

Error DecodeStatus(int http_status, std::string_view body, std::chrono::milliseconds retry_after) {
  return DecodeStatus(
      {.status = http_status, .retry_after = retry_after, .body = std::string(body)});
}

}  // namespace ffdl::k8s
