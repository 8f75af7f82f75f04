#include "k8s-client/net/curl_errors.h"

#include <string>

namespace ffdl::k8s {
namespace {

ErrorCode CodeOf(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return ErrorCode::kTimeout;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
      return ErrorCode::kInternal;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      return ErrorCode::kBadResponse;
    default:
      return ErrorCode::kUnavailable;  // no name, no connection, no trust, or cut off in the middle
  }
}

// What OpenSSL says about a certificate does not always say that it is about a certificate.
bool IsTls(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR ||
         code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE ||
         code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_CIPHER;
}

}  // namespace

Error FromCurl(CURLcode code, std::string_view detail) {
  const std::string_view text = detail.empty() ? curl_easy_strerror(code) : detail;
  return Error{.code = CodeOf(code), .message = (IsTls(code) ? "TLS: " : "") + std::string(text)};
}

}  // namespace ffdl::k8s
