#include "k8s-client/informer/line_framer.h"

#include <fmt/format.h>

namespace ffdl::k8s {

Result<void> LineFramer::Feed(std::string_view bytes, const std::function<bool(PaddedJson)>& line) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (pending_.size() + piece.size() > kLineBytesMax) {
      pending_.clear();
      return Fail(ErrorCode::kBadResponse,
                  fmt::format("a line is longer than {} bytes", kLineBytesMax));
    }
    pending_ += piece;
    if (end == std::string_view::npos) return {};
    bytes.remove_prefix(end + 1);
    const std::size_t size = pending_.size();
    if (size == 0) continue;
    pending_.append(PaddedJson::kBytes, '\0');
    const bool more = line({.text = std::string_view(pending_).substr(0, size)});
    pending_.clear();
    if (!more) return {};
  }
  return {};
}

}  // namespace ffdl::k8s
