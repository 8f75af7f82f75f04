#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "k8s-client/informer/padded_json.h"
#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

// Cuts a byte stream at newlines, whatever the pieces in which it arrives. Empty lines are skipped.
// One buffer, used again for every line.
class LineFramer {
 public:
  // Of one line. An object of the API can have 3 MiB at most on its way in; client-go stops at 16
  // MiB too.
  static constexpr std::size_t kLineBytesMax = std::size_t{16} << 20U;

  // Calls `line` for each line that `bytes` completes, until it returns false; then the rest is
  // dropped. The text is valid during the call. An error when a line is too long: the stream is of
  // no use any more.
  Result<void> Feed(std::string_view bytes, const std::function<bool(PaddedJson)>& line);

  // Forgets a line begun.
  void Reset() { pending_.clear(); }

 private:
  std::string pending_;
};

}  // namespace ffdl::k8s
