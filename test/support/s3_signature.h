// AWS Signature V4 as a server checks it, written from its definition and not from any client.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace ffdl::test {

struct S3Request {
  std::string method;
  std::string target;                          // as it was sent
  std::string path;                            // decoded
  std::map<std::string, std::string> query;    // decoded
  std::map<std::string, std::string> headers;  // names in lower case
};

// "<unreserved>" stays, all else is percent-encoded; so is "/" unless it is kept.
[[nodiscard]] std::string AwsEncode(std::string_view text, bool keep_slash);

// What Authorization says: Credential=KEY_ID/DATE/REGION/s3/aws4_request, SignedHeaders, Signature.
struct S3Authorization {
  std::string key_id;
  std::string date;
  std::string region;
  std::string signed_headers;
  std::string signature;
};
[[nodiscard]] S3Authorization ReadAuthorization(const std::string& header);

// The signature that the request should have; "" if it does not sign what has to be signed.
[[nodiscard]] std::string SignatureFor(const S3Request& request,
                                       const S3Authorization& authorization,
                                       const std::string& secret);

}  // namespace ffdl::test
