#include "k8s-client/net/header_list.h"

#include <cctype>
#include <string_view>
#include <utility>

#include "k8s-client/auth/secret.h"

namespace ffdl::k8s {
namespace {

bool IsTokenByte(unsigned char c) {
  constexpr std::string_view kMarks = "!#$&'*+-.^_`|~";
  return std::isalnum(c) != 0 || kMarks.find(static_cast<char>(c)) != std::string_view::npos;
}

// The name of a header holds few bytes; others are percent-encoded, as client-go does it.
std::string ExtraName(std::string_view key) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string name;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsTokenByte(byte)) {
      name += c;
    } else {
      name.append("%").append(1, kHex[byte >> 4U]).append(1, kHex[byte & 0x0FU]);
    }
  }
  return name;
}

}  // namespace

HeaderList::HeaderList(std::vector<std::string> lines) : lines_(std::move(lines)) {
  nodes_.resize(lines_.size());
  for (std::size_t i = lines_.size(); i > 0; --i) {
    nodes_[i - 1] = {.data = lines_[i - 1].data(), .next = first_};
    first_ = &nodes_[i - 1];
  }
}

HeaderList::~HeaderList() {
  for (std::string& line : lines_) Wipe(line);
}

std::vector<std::string> CommonHeaders(const std::string& host_header, const Login& login,
                                       const Impersonation& impersonation) {
  // Without the first a server may compress a watch by pieces, which libcurl cannot undo; because
  // of the second bodies go out at once.
  std::vector<std::string> lines{"Accept-Encoding: identity", "Expect:"};
  if (!host_header.empty()) lines.push_back(host_header);
  if (!login.authorization.empty()) lines.push_back("Authorization: " + login.authorization);
  if (impersonation.user.empty()) return lines;
  lines.push_back("Impersonate-User: " + impersonation.user);
  if (!impersonation.uid.empty()) lines.push_back("Impersonate-Uid: " + impersonation.uid);
  for (const std::string& group : impersonation.groups) {
    lines.push_back("Impersonate-Group: " + group);
  }
  for (const auto& [key, values] : impersonation.extra) {
    for (const std::string& value : values) {
      lines.push_back("Impersonate-Extra-" + ExtraName(key) + ": " + value);
    }
  }
  return lines;
}

}  // namespace ffdl::k8s
