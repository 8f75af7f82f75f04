#include "operator/object_store/answer.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "operator/object_store/error_answer.h"

namespace ffdl::object_store {
namespace {

constexpr long kOk = 200;
constexpr long kNotFound = 404;
constexpr long kPreconditionFailed = 412;

bool IsRedirect(long status) { return status >= 300 && status < 400; }

bool Passes(long status) {
  constexpr std::array kPassing{429L, 500L, 502L, 503L, 504L};
  return std::ranges::find(kPassing, status) != kPassing.end();
}

// Credentials are refused with 403 and, the more malformed, with 400.
bool IsDenied(long status, std::string_view code) {
  constexpr std::array<std::string_view, 5> kOf400{"ExpiredToken", "InvalidToken",
                                                   "InvalidAccessKeyId", "TokenRefreshRequired",
                                                   "AuthorizationHeaderMalformed"};
  if (status == 401 || status == 403) return true;
  return std::ranges::find(kOf400, code) != kOf400.end();
}

// "NoSuchKey: there is none (HTTP status 404)".
std::string Describe(const Answer& answer, const std::optional<ErrorAnswer>& said) {
  std::string status = "HTTP status " + std::to_string(answer.status);
  if (said && said->message.empty()) return said->code + " (" + status + ")";
  if (said) return said->code + ": " + said->message + " (" + status + ")";
  if (!answer.location.empty()) return status + " to " + Quoted(answer.location);
  if (answer.body.empty()) return status;
  return status + ", not as an object store says it: " + Quoted(answer.body);
}

// Where the bucket is, if that is elsewhere.
std::string OtherRegion(const Answer& answer, const std::optional<ErrorAnswer>& said,
                        const std::string& region) {
  if (!IsRedirect(answer.status) && answer.status != 400) return "";
  std::string there = said && !said->region.empty() ? said->region : Quoted(answer.bucket_region);
  return there == region ? "" : there;
}

ErrorKind KindOf(const Answer& answer, const std::optional<ErrorAnswer>& said) {
  if (Passes(answer.status)) return ErrorKind::kUnavailable;
  if (answer.status == kPreconditionFailed) return ErrorKind::kChanged;
  if (IsDenied(answer.status, said ? said->code : "")) return ErrorKind::kDenied;
  // A web server that is no object store has no such page either, and says so at length.
  if (answer.status == kNotFound && (said || answer.body.empty())) return ErrorKind::kMissing;
  return answer.status > 500 ? ErrorKind::kUnavailable : ErrorKind::kInvalid;
}

}  // namespace

std::optional<Failure> FailureOf(const Answer& answer, const std::string& request,
                                 const std::string& region) {
  if (!answer.problem.empty()) {
    return Failure{
        .error = {.kind = answer.problem_kind, .request = request, .message = answer.problem},
        .passes = answer.problem_passes};
  }
  if (answer.status == kOk) return std::nullopt;
  const std::optional<ErrorAnswer> said = ReadErrorAnswer(answer.body);
  Failure failure{.error = {.kind = KindOf(answer, said),
                            .request = request,
                            .message = Describe(answer, said),
                            .code = said ? said->code : ""},
                  .passes = Passes(answer.status)};
  if (std::string other = OtherRegion(answer, said, region); !other.empty()) {
    failure.error.kind = ErrorKind::kWrongRegion;
    failure.error.region = std::move(other);
  }
  return failure;
}

}  // namespace ffdl::object_store
