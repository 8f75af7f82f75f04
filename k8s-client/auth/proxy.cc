#include "k8s-client/auth/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>

namespace ffdl::k8s {
namespace {

struct HostPort {
  std::string host;  // lower case, without brackets
  std::string port;  // "" when there is none
};

// An IPv4 address is kept as the IPv6 address that stands for it, so that ranges are of one kind.
using Address = std::array<std::uint8_t, 16>;
constexpr int kV4PrefixBits = 96;
constexpr Address kV4Prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

HostPort SplitPort(std::string_view text) {
  HostPort split;
  if (text.starts_with('[')) {
    const std::size_t end = std::min(text.find(']'), text.size());
    split.host = Lower(text.substr(1, end - 1));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (text.starts_with(':')) split.port = text.substr(1);
    return split;
  }
  const std::size_t colon = text.find(':');
  constexpr std::size_t kNone = std::string_view::npos;
  const bool one_colon = colon != kNone && text.find(':', colon + 1) == kNone;
  split.host = Lower(one_colon ? text.substr(0, colon) : text);
  if (one_colon) split.port = text.substr(colon + 1);
  return split;
}

std::optional<Address> ParseAddress(const std::string& text) {
  Address address = kV4Prefix;
  if (inet_pton(AF_INET, text.c_str(), &address[12]) == 1) return address;
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

bool SharesBits(const Address& one, const Address& other, int bits) {
  for (int bit = 0; bit < bits; ++bit) {
    const auto byte = static_cast<std::size_t>(bit) / 8;
    const unsigned mask = 0x80U >> (static_cast<unsigned>(bit) % 8U);
    if (((one[byte] ^ other[byte]) & mask) != 0) return false;
  }
  return true;
}

bool IsInRange(const Address& address, std::string_view range) {
  const std::size_t slash = range.find('/');
  const std::string base(range.substr(0, slash));
  const std::optional<Address> start = ParseAddress(base);
  const std::string_view digits = range.substr(slash + 1);
  int bits = -1;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (!start || failure != std::errc() || end != digits.data() + digits.size()) return false;
  if (base.find(':') == std::string::npos) bits += kV4PrefixBits;
  return bits >= 0 && bits <= 128 && SharesBits(address, *start, bits);
}

bool IsLoopback(const HostPort& server, const std::optional<Address>& address) {
  if (server.host == "localhost") return true;
  return address && (IsInRange(*address, "127.0.0.0/8") || IsInRange(*address, "::1/128"));
}

bool Matches(std::string_view entry, const HostPort& server,
             const std::optional<Address>& address) {
  if (entry == "*") return true;
  if (entry.find('/') != std::string_view::npos) return address && IsInRange(*address, entry);
  HostPort wanted = SplitPort(entry);
  if (!wanted.port.empty() && wanted.port != server.port) return false;
  if (const std::optional<Address> one = ParseAddress(wanted.host)) return address == one;
  if (wanted.host.starts_with("*.")) wanted.host.erase(0, 1);
  const bool below_only = wanted.host.starts_with('.');
  if (!below_only && server.host == wanted.host) return true;
  if (wanted.host.empty()) return false;
  return server.host.ends_with(below_only ? wanted.host : "." + wanted.host);
}

bool IsExcepted(const HostPort& server, std::string_view list) {
  const std::optional<Address> address = ParseAddress(server.host);
  if (IsLoopback(server, address)) return true;
  while (!list.empty()) {
    const std::string_view entry = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), entry.size() + 1));
    if (!Trimmed(entry).empty() && Matches(Trimmed(entry), server, address)) return true;
  }
  return false;
}

}  // namespace

Result<std::string> ProxyFor(std::string_view server, const ProxyEnvironment& environment) {
  const bool secure = server.starts_with("https://");
  const std::string& proxy = secure ? environment.https_proxy : environment.http_proxy;
  if (proxy.empty()) return std::string();
  HostPort host = SplitPort(server.substr(server.find("://") + 3));
  if (host.port.empty()) host.port = secure ? "443" : "80";
  if (IsExcepted(host, environment.no_proxy)) return std::string();
  Result<std::string> url = NormalProxyUrl(proxy);
  if (!url) {
    return unexpected<Error>(
        WithContext(secure ? "HTTPS_PROXY" : "HTTP_PROXY", std::move(url.error())));
  }
  return url;
}

Result<std::string> NormalProxyUrl(std::string_view url) {
  constexpr std::string_view kSeparator = "://";
  const std::size_t separator = url.find(kSeparator);
  const bool has_scheme = separator != std::string_view::npos;
  const std::string scheme = has_scheme ? Lower(url.substr(0, separator)) : "http";
  std::string_view rest = has_scheme ? url.substr(separator + kSeparator.size()) : url;
  while (rest.ends_with('/')) rest.remove_suffix(1);
  if (scheme != "http" && scheme != "https" && scheme != "socks5" && scheme != "socks5h") {
    return Fail(ErrorCode::kInvalid, "the proxy must be an http, https or socks5 URL");
  }
  const bool prints =
      std::ranges::all_of(rest, [](unsigned char c) { return c > 0x20 && c < 0x7F; });
  const std::string_view host = rest.substr(rest.rfind('@') + 1);  // npos + 1 is 0
  if (!prints || host.empty() || host.front() == ':' ||
      host.find_first_of("/?#") != std::string_view::npos) {
    return Fail(ErrorCode::kInvalid, "the URL of the proxy must be SCHEME://HOST:PORT");
  }
  return std::string(scheme == "socks5" ? "socks5h" : scheme).append(kSeparator).append(rest);
}

}  // namespace ffdl::k8s
