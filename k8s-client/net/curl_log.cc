#include "k8s-client/net/curl_log.h"

#include <charconv>
#include <optional>

namespace ffdl::k8s {
namespace {

std::optional<std::uint32_t> NumberAfter(std::string_view line, std::string_view words) {
  const std::size_t at = line.find(words);
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at + words.size());
  std::uint32_t number = 0;
  const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (failure != std::errc()) return std::nullopt;
  return number;
}

}  // namespace

LogFact ReadLogLine(std::string_view line) {
  using Kind = LogFact::Kind;
  if (line.starts_with("REFUSED_STREAM")) return {.kind = Kind::kRefused};
  if (line.find("GOAWAY") != std::string_view::npos) {
    if (const auto last = NumberAfter(line, "last_stream=")) {
      return {.kind = Kind::kGoAway, .number = *last};
    }
  }
  return {};
}

}  // namespace ffdl::k8s
