#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace ffdl::k8s {

// A JSON text behind which kBytes more can be read: the parser's vector instructions look ahead.
// Valid as long as the buffer that it came from is left alone.
struct PaddedJson {
  static constexpr std::size_t kBytes = 64;
  std::string_view text;
};

// Owns such a text; made once and used again, so that decoding allocates nothing for it.
class PaddedBuffer {
 public:
  PaddedJson Assign(std::string_view text) {
    bytes_.assign(text);
    return Seal();
  }
  PaddedJson Adopt(std::string text) {
    bytes_ = std::move(text);
    return Seal();
  }

 private:
  PaddedJson Seal() {
    const std::size_t size = bytes_.size();
    bytes_.append(PaddedJson::kBytes, '\0');
    return {.text = std::string_view(bytes_).substr(0, size)};
  }

  std::string bytes_;
};

}  // namespace ffdl::k8s
