#include "k8s-client/auth/server_url.h"

#include <algorithm>

namespace ffdl::k8s {
namespace {

constexpr std::string_view kSeparator = "://";

unexpected<Error> Refuse(std::string_view text, std::string_view why) {
  return Fail(ErrorCode::kInvalid, "\"" + std::string(text) + "\" " + std::string(why));
}

bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

Result<ServerUrl> ParseServerUrl(std::string_view text) {
  const std::size_t separator = text.find(kSeparator);
  const bool has_scheme = separator != std::string_view::npos;
  const std::string_view scheme = has_scheme ? text.substr(0, separator) : "https";
  std::string_view rest = has_scheme ? text.substr(separator + kSeparator.size()) : text;
  if (scheme != "https" && scheme != "http") return Refuse(text, "is neither http nor https");
  // A password may stand before the "@": the URL is not repeated.
  if (rest.find('@') != std::string_view::npos) {
    return Fail(ErrorCode::kInvalid, "a user name in the URL is not supported");
  }
  if (!IsPrintable(text))
    return Fail(ErrorCode::kInvalid, "the URL has blanks or control characters");
  if (rest.find_first_of("?#") != std::string_view::npos)
    return Refuse(text, "has a query or a fragment");
  const std::string_view authority = rest.substr(0, rest.find('/'));
  if (authority.empty() || authority.front() == ':') return Refuse(text, "names no host");
  rest.remove_prefix(authority.size());
  while (rest.ends_with('/')) rest.remove_suffix(1);
  return ServerUrl{.server = std::string(scheme).append(kSeparator).append(authority),
                   .path_prefix = std::string(rest)};
}

}  // namespace ffdl::k8s
