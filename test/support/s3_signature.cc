#include "test/support/s3_signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cctype>
#include <sstream>
#include <vector>

namespace ffdl::test {
namespace {

constexpr std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex.append(1, kDigits[byte >> 4U]).append(1, kDigits[byte & 15U]);
  }
  return hex;
}

std::string Sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return {digest.begin(), digest.begin() + size};
}

std::string Hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return {digest.begin(), digest.begin() + size};
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

std::string CanonicalQuery(const S3Request& request) {
  std::string canonical;
  for (const auto& [name, value] : request.query) {
    if (!canonical.empty()) canonical += '&';
    canonical += AwsEncode(name, false) + "=" + AwsEncode(value, false);
  }
  return canonical;
}

bool SignsEnough(const S3Request& request, const std::vector<std::string>& names) {
  std::map<std::string, bool> is_signed;
  for (const std::string& name : names) is_signed[name] = true;
  bool enough = is_signed["host"] && is_signed["x-amz-date"] && is_signed["x-amz-content-sha256"];
  for (const auto& [name, value] : request.headers) {
    if (name.starts_with("x-amz-")) enough = enough && is_signed[name];
  }
  return enough;
}

}  // namespace

std::string AwsEncode(std::string_view text, bool keep_slash) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool stays = std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~';
    if (stays || (c == '/' && keep_slash)) {
      encoded += c;
      continue;
    }
    encoded += '%';
    for (const char digit : Hex({&c, 1})) {
      encoded += static_cast<char>(std::toupper(static_cast<unsigned char>(digit)));
    }
  }
  return encoded;
}

S3Authorization ReadAuthorization(const std::string& header) {
  const auto value = [&](const std::string& name) {
    const std::size_t at = header.find(name + "=");
    if (at == std::string::npos) return std::string();
    const std::size_t start = at + name.size() + 1;
    return header.substr(start, header.find(',', start) - start);
  };
  std::vector<std::string> scope = Split(value("Credential"), '/');
  scope.resize(5);
  if (!header.starts_with("AWS4-HMAC-SHA256 ") || scope[3] != "s3" || scope[4] != "aws4_request") {
    return {};
  }
  return {scope[0], scope[1], scope[2], value("SignedHeaders"), value("Signature")};
}

std::string SignatureFor(const S3Request& request, const S3Authorization& authorization,
                         const std::string& secret) {
  const std::vector<std::string> names = Split(authorization.signed_headers, ';');
  const auto header = [&](const std::string& name) {
    const auto found = request.headers.find(name);
    return found == request.headers.end() ? std::string() : found->second;
  };
  if (!SignsEnough(request, names) || header("x-amz-content-sha256") != kEmptySha256) return "";
  std::string canonical =
      request.method + "\n" + AwsEncode(request.path, true) + "\n" + CanonicalQuery(request) + "\n";
  for (const std::string& name : names) canonical += name + ":" + header(name) + "\n";
  canonical += "\n" + authorization.signed_headers + "\n" + header("x-amz-content-sha256");

  const std::string scope = authorization.date + "/" + authorization.region + "/s3/aws4_request";
  const std::string text =
      "AWS4-HMAC-SHA256\n" + header("x-amz-date") + "\n" + scope + "\n" + Hex(Sha256(canonical));
  std::string key = Hmac("AWS4" + secret, authorization.date);
  for (const std::string& part :
       {authorization.region, std::string("s3"), std::string("aws4_request")}) {
    key = Hmac(key, part);
  }
  return Hex(Hmac(key, text));
}

}  // namespace ffdl::test
