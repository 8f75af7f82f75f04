#include "k8s-client/auth/exec_plugin.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace ffdl::k8s {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 2> kApiVersions{"client.authentication.k8s.io/v1",
                                                       "client.authentication.k8s.io/v1beta1"};
constexpr std::string_view kKind = "ExecCredential";

// Moves the text out, so that the tree keeps no copy of a secret.
Result<std::string> TakeText(Json& map, const char* key) {
  const auto found = map.find(key);
  if (found == map.end() || found->is_null()) return std::string();
  if (!found->is_string()) {
    return Fail(ErrorCode::kInvalid, std::string("status.") + key + " is no text");
  }
  return std::move(found->get_ref<std::string&>());
}

bool Is(const Json& map, const char* key, std::string_view wanted) {
  const auto found = map.find(key);
  return found != map.end() && found->is_string() && found->get_ref<const std::string&>() == wanted;
}

Result<ExecCredential> Check(ExecCredential credential) {
  if (credential.certificate_pem.empty() != credential.key_pem.empty()) {
    return Fail(ErrorCode::kInvalid,
                "clientCertificateData and clientKeyData must be given together");
  }
  if (credential.token.empty() && credential.certificate_pem.empty()) {
    return Fail(ErrorCode::kInvalid, "neither a token nor a certificate is in status");
  }
  const bool fits = std::ranges::none_of(credential.token,
                                         [](unsigned char c) { return c <= 0x20 || c >= 0x7F; });
  if (!fits) return Fail(ErrorCode::kInvalid, "the token has blanks or control characters");
  return credential;
}

}  // namespace

bool IsKnownExecApi(std::string_view api_version) {
  return std::ranges::find(kApiVersions, api_version) != kApiVersions.end();
}

std::string ExecInfo(const ExecPlugin& plugin, bool interactive) {
  Json info{{"apiVersion", plugin.api_version},
            {"kind", kKind},
            {"spec", {{"interactive", interactive}}}};
  if (!plugin.cluster_info.empty()) info["spec"]["cluster"] = Json::parse(plugin.cluster_info);
  return info.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<ExecCredential> ReadExecCredential(std::string_view output, std::string_view api_version) {
  Json root = Json::parse(output, nullptr, /*allow_exceptions=*/false);
  if (!root.is_object()) return Fail(ErrorCode::kInvalid, "the output is no JSON object");
  if (!Is(root, "kind", kKind)) return Fail(ErrorCode::kInvalid, "kind is not ExecCredential");
  if (!Is(root, "apiVersion", api_version)) {
    return Fail(ErrorCode::kInvalid,
                "apiVersion is not " + std::string(api_version) + ", which the kubeconfig names");
  }
  const auto status = root.find("status");
  if (status == root.end() || !status->is_object()) {
    return Fail(ErrorCode::kInvalid, "status is missing");
  }
  Result<std::string> token = TakeText(*status, "token");
  Result<std::string> certificate = TakeText(*status, "clientCertificateData");
  Result<std::string> key = TakeText(*status, "clientKeyData");
  const Result<std::string> expires = TakeText(*status, "expirationTimestamp");
  for (const Result<std::string>* read :
       {&std::as_const(token), &std::as_const(certificate), &std::as_const(key), &expires}) {
    if (!*read) return unexpected<Error>(read->error());
  }
  ExecCredential credential{.token = std::move(*token),
                            .certificate_pem = std::move(*certificate),
                            .key_pem = std::move(*key)};
  if (!expires->empty()) {
    credential.expires = ParseTime(*expires);
    if (!credential.expires) {
      return Fail(ErrorCode::kInvalid, "expirationTimestamp is no RFC 3339 time");
    }
  }
  return Check(std::move(credential));
}

}  // namespace ffdl::k8s
