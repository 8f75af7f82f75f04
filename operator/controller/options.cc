#include "operator/controller/options.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "k8s-client/auth/server_url.h"

namespace ffdl::server {
namespace {

constexpr int kWorkersMax = 64;
// The elector keeps so much of the lease for a clock that runs a little faster than others.
constexpr std::chrono::seconds kLeaseMargin{2};
// The longest that a write may take; it begins only if the lease outlasts it.
constexpr std::chrono::seconds kWriteMax{6};
constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 3> kPullPolicies{"Always", "IfNotPresent", "Never"};

k8s::unexpected<k8s::Error> Wrong(std::string_view flag, std::string_view must) {
  return k8s::Fail(k8s::ErrorCode::kInvalid, fmt::format("--{} must {}", flag, must));
}

// "127.0.0.1:6060", "localhost:6060"
bool IsLoopback(const std::string& address) {
  const std::string host = address.substr(0, address.rfind(':'));
  in_addr number{};
  if (inet_pton(AF_INET, host.c_str(), &number) != 1) return host == "localhost";
  return ntohl(number.s_addr) >> 24U == 127U;
}

template <std::size_t N>
bool IsOneOf(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

std::optional<std::vector<std::string>> PluginsOf(std::string_view flag) {
  if (flag == "*") return std::nullopt;
  std::vector<std::string> programs;
  while (!flag.empty()) {
    const std::string_view program = flag.substr(0, flag.find(','));
    flag.remove_prefix(std::min(flag.size(), program.size() + 1));
    if (!program.empty()) programs.emplace_back(program);
  }
  return programs;
}

k8s::Result<void> Check(const Options& options) {
  if (options.agent_image.empty()) {
    return Wrong("agent_image", "name the image of this operator, which learner pods start from");
  }
  if (!IsOneOf(kPullPolicies, options.agent_pull_policy)) {
    return Wrong("agent_pull_policy", "be Always, IfNotPresent or Never");
  }
  if (!IsOneOf(kLogLevels, options.log_level)) {
    return Wrong("log_level", "be debug, info, warning or error");
  }
  if (options.workers < 1 || options.workers > kWorkersMax) {
    return Wrong("workers", fmt::format("be between 1 and {}", kWorkersMax));
  }
  if (options.lost_node_patience < std::chrono::seconds(0)) {
    return Wrong("lost_node_patience_seconds", "not be negative");
  }
  if (options.gpu_resource.find('/') == std::string::npos) {
    return Wrong("gpu_resource", "be an extended resource such as nvidia.com/gpu");
  }
  if (!options.debug_address.empty() && !IsLoopback(options.debug_address)) {
    return Wrong(
        "debug_address",
        "be of this machine alone, such as 127.0.0.1:6060: its pages ask nobody who he is");
  }
  if (options.lease_duration - kLeaseMargin <= options.renew_deadline ||
      options.renew_deadline * 5 <= options.retry_period * 6 ||
      options.retry_period < std::chrono::seconds(1)) {
    return Wrong("lease_duration_seconds, --renew_deadline_seconds and --retry_period_seconds",
                 "fall: duration - 2 s > deadline > 1.2 x period, and period at least 1 s");
  }
  if (!options.otlp_endpoint.empty() && !k8s::ParseServerUrl(options.otlp_endpoint)) {
    return Wrong(
        "otlp_endpoint",
        "be a URL of http or https without query, such as http://collector.monitoring:4318");
  }
  // Just before a renewal, which may itself come late, a whole write must still fit.
  const std::chrono::seconds shortest = kLeaseMargin + kWriteMax + options.retry_period * 2;
  if (options.lease_duration <= shortest) {
    return Wrong("lease_duration_seconds",
                 fmt::format("be more than {} with this --retry_period_seconds, or no write would "
                             "ever fit into the lease",
                             shortest.count()));
  }
  return {};
}

}  // namespace ffdl::server
