#include "operator/object_store/url.h"

#include <charconv>
#include <system_error>

namespace ffdl::object_store {
namespace {

bool StandsForItself(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_.~").find(c) != std::string_view::npos;
}

enum class Slash { kKept, kEncoded };

void AppendEncoded(std::string& out, std::string_view text, Slash slash) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (StandsForItself(c) || (c == '/' && slash == Slash::kKept)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append(1, '%').append(1, kHex[byte >> 4U]).append(1, kHex[byte & 0x0FU]);
  }
}

// The byte of two hexadecimal digits.
std::optional<char> ByteOf(std::string_view digits) {
  unsigned char byte = 0;
  const char* const end = digits.data() + digits.size();
  const auto [read, error] = std::from_chars(digits.data(), end, byte, 16);
  if (digits.size() != 2 || error != std::errc{} || read != end) return std::nullopt;
  return static_cast<char>(byte);
}

}  // namespace

std::string UrlOf(std::string_view endpoint, std::string_view bucket, std::string_view key,
                  const std::map<std::string, std::string>& query) {
  while (endpoint.ends_with('/')) endpoint.remove_suffix(1);
  std::string url(endpoint);
  AppendEncoded(url.append("/"), bucket, Slash::kEncoded);
  if (!key.empty()) AppendEncoded(url.append("/"), key, Slash::kKept);
  char separator = '?';
  for (const auto& [name, value] : query) {
    AppendEncoded(url.append(1, separator), name, Slash::kEncoded);
    AppendEncoded(url.append("="), value, Slash::kEncoded);
    separator = '&';
  }
  return url;
}

std::optional<std::string> DecodeListed(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at] == '+' ? ' ' : text[at];
      continue;
    }
    const std::optional<char> byte = ByteOf(text.substr(at + 1, 2));
    if (!byte) return std::nullopt;
    decoded += *byte;
    at += 2;
  }
  return decoded;
}

}  // namespace ffdl::object_store
