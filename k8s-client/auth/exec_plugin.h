// Credential plugins: programs that a kubeconfig names and that print a token or a certificate.
// Protocol: kubernetes/client-go pkg/apis/clientauthentication, versions v1 and v1beta1.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s-client/meta/result.h"
#include "k8s-client/meta/time.h"

namespace ffdl::k8s {

inline constexpr std::size_t kExecOutputBytesMax = 1024UL * 1024;

// Whether a plugin may ask the person at the terminal.
enum class Interactive { kNever, kIfAvailable, kAlways };

// What a kubeconfig says of its plugin. Plain data; may hold secrets in `args` and `env`.
struct ExecPlugin {
  std::string api_version;  // one of the two that are known
  std::string command;      // a name to be looked up in $PATH, or an absolute path
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;  // added to ours
  Interactive interactive = Interactive::kIfAvailable;
  std::string cluster_info;  // JSON for spec.cluster; "" when the plugin must not be told
  std::string install_hint;  // for people who do not have the program
};

struct ExecCredential {
  std::string token;  // or a certificate with its key, or all three
  std::string certificate_pem;
  std::string key_pem;
  std::optional<Time> expires;  // without: until the server refuses it
};

[[nodiscard]] bool IsKnownExecApi(std::string_view api_version);

// The value of KUBERNETES_EXEC_INFO.
[[nodiscard]] std::string ExecInfo(const ExecPlugin& plugin, bool interactive);

// What the plugin printed. Errors say what is wrong and never quote the output: it is a secret.
[[nodiscard]] Result<ExecCredential> ReadExecCredential(std::string_view output,
                                                        std::string_view api_version);

}  // namespace ffdl::k8s
