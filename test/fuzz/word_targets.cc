// Small grammars.
#include <charconv>
#include <compare>
#include <string>

#include "k8s-client/api/client.h"
#include "k8s-client/meta/label_selector.h"
#include "k8s-client/meta/resource_version.h"
#include "k8s-client/meta/time.h"
#include "test/fuzz/targets.h"

namespace ffdl::fuzz {

void Rfc3339(std::string_view bytes) {
  const std::optional<k8s::Time> time = k8s::ParseTime(bytes);
  if (!time) return;
  Require(k8s::ParseTime(k8s::FormatMicroTime(*time)) == time, "a time that we write is another");
}

// A space between the two.
void ResourceVersion(std::string_view bytes) {
  const std::size_t space = bytes.find(' ');
  const std::string_view a = bytes.substr(0, space);
  const std::string_view b = space == std::string_view::npos ? "" : bytes.substr(space + 1);
  const auto order = k8s::CompareResourceVersions(a, b);
  Require(std::is_lt(order) == std::is_gt(k8s::CompareResourceVersions(b, a)), "not a mirror");
  Require(std::is_eq(k8s::CompareResourceVersions(a, a)), "not equal to itself");
}

void LabelSelector(std::string_view bytes) {
  const k8s::Labels labels{{"app", "ffdl"}, {"role", ""}};
  const bool alone = k8s::Selects(bytes, labels);
  const std::string with_more = std::string(bytes) + ",app=other";
  Require(!k8s::Selects(with_more, labels) || bytes.empty(),
          "a requirement that counts for nothing");
  (void)alone;
}

void UrlEncoding(std::string_view bytes) {
  const std::string encoded = k8s::EncodeQueryValue(bytes);
  std::string decoded;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const char c = encoded[i];
    if (c != '%') {
      Require(std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                  std::string_view("-._~").find(c) != std::string_view::npos,
              "a character that must be encoded");
      decoded += c;
      continue;
    }
    Require(i + 2 < encoded.size(), "half of an encoded byte");
    unsigned value = 0;
    const char* const digits = encoded.data() + i + 1;
    Require(std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2, "no hex digits");
    decoded += static_cast<char>(value);
    i += 2;
  }
  Require(decoded == bytes, "decodes to something else");
}

}  // namespace ffdl::fuzz
