#include "operator/agent/fetch_access.h"

#include <algorithm>
#include <array>
#include <utility>

#include "operator/agent/fetch_failure.h"
#include "operator/agent/files.h"

namespace ffdl::agent {
namespace {

constexpr std::size_t kSecretBytesMax = 1 << 20;  // of Kubernetes

// "" when there is no such key.
Result<std::string> ValueOf(const std::string& folder, const std::string& key) {
  const std::string path = folder + "/" + key;
  if (!Exists(path)) return "";
  Result<std::string> value = ReadFile(path, kSecretBytesMax);
  while (value && (value->ends_with('\n') || value->ends_with('\r'))) value->pop_back();
  return value;
}

// They become header lines: nothing else may come in with them.
bool IsOneLine(const std::string& value) {
  return std::ranges::all_of(value, [](char c) { return c >= ' ' && c != '\x7f'; });
}

std::string MissingOf(const object_store::Credentials& credentials) {
  if (!credentials.key_id.empty()) return "AWS_SECRET_ACCESS_KEY";
  if (!credentials.secret.empty()) return "AWS_ACCESS_KEY_ID";
  return "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
}

Result<void> ReadSecret(const std::string& folder, object_store::Credentials& credentials,
                        std::string& ca_pem) {
  const std::array<std::pair<const char*, std::string*>, 4> targets{
      {{"AWS_ACCESS_KEY_ID", &credentials.key_id},
       {"AWS_SECRET_ACCESS_KEY", &credentials.secret},
       {"AWS_SESSION_TOKEN", &credentials.session_token},
       {"ca.crt", &ca_pem}}};
  for (const auto& [key, target] : targets) {
    Result<std::string> value = ValueOf(folder, key);
    if (!value) return tl::unexpected(value.error());
    *target = std::move(*value);
  }
  return {};
}

}  // namespace

tl::expected<object_store::Options, Termination> AccessOf(const FetchOptions& options) {
  object_store::Options access{.endpoint = options.endpoint,
                               .region = options.region,
                               .bucket = options.bucket,
                               .credentials = {},
                               .ca_pem = "",
                               .limits = options.limits};
  if (options.credentials.empty()) return access;
  object_store::Credentials& credentials = access.credentials.emplace();
  if (const Result<void> read = ReadSecret(options.credentials, credentials, access.ca_pem);
      !read) {
    return tl::unexpected(FilesFailed(read.error()));
  }
  if (credentials.key_id.empty() || credentials.secret.empty()) {
    return tl::unexpected(NoCredentials(options, MissingOf(credentials)));
  }
  if (!IsOneLine(credentials.key_id) || !IsOneLine(credentials.session_token)) {
    return tl::unexpected(CodeInvalid("Secret '" + options.secret +
                                      "' has an AWS_ACCESS_KEY_ID or AWS_SESSION_TOKEN of more "
                                      "than one line; correct it, and the learner starts by "
                                      "itself"));
  }
  return access;
}

}  // namespace ffdl::agent
