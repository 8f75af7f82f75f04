// ResourcePath and EncodeQueryValue.
#include <string>
#include <string_view>

#include "k8s-client/api/client.h"

namespace ffdl::k8s {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string EncodeQueryValue(std::string_view value) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text;
  text.reserve(value.size());
  for (const char c : value) {
    if (IsUnreserved(c)) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += '%';
    text += kHex[byte >> 4U];
    text += kHex[byte & 0x0FU];
  }
  return text;
}

std::string ResourcePath(const ResourceType& type, std::string_view ns, std::string_view name) {
  std::string path = type.group.empty() ? "/api" : "/apis/";
  path.append(type.group).append("/").append(type.version);
  // Names are checked by the server; encoded, not even a wrong one can leave its place in the path.
  if (!ns.empty()) path.append("/namespaces/").append(EncodeQueryValue(ns));
  path.append("/").append(type.plural);
  if (!name.empty()) path.append("/").append(EncodeQueryValue(name));
  return path;
}

}  // namespace ffdl::k8s
