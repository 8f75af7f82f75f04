#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ffdl::k8s {

// Standard base64 with padding (RFC 4648, section 4); line ends and blanks are skipped. Empty when
// the text is anything else.
[[nodiscard]] std::optional<std::string> DecodeBase64(std::string_view text);

[[nodiscard]] std::string EncodeBase64(std::string_view bytes);

}  // namespace ffdl::k8s
