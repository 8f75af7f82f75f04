#include "operator/http/query.h"

#include <charconv>

namespace ffdl::http {
namespace {

std::string Decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  while (!text.empty()) {
    unsigned value = 0;
    const char* const digits = text.data() + 1;
    if (text.front() == '%' && text.size() >= 3 &&
        std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      decoded += static_cast<char>(value);
      text.remove_prefix(3);
    } else {
      decoded += text.front() == '+' ? ' ' : text.front();
      text.remove_prefix(1);
    }
  }
  return decoded;
}

}  // namespace

std::string QueryValue(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name) {
      return equals == std::string_view::npos ? std::string() : Decode(pair.substr(equals + 1));
    }
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace ffdl::http
