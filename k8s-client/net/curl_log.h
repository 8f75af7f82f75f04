// For the other files of this folder only.
#pragma once

#include <cstdint>
#include <string_view>

namespace ffdl::k8s {

// What libcurl tells in no other way than its log: whether the server looked at an HTTP/2 request
// at all.
struct LogFact {
  enum class Kind {
    kNothing,
    kGoAway,   // the server has not looked at streams of this connection above `number`
    kRefused,  // the server has not looked at this request
  };
  Kind kind = Kind::kNothing;
  std::uint32_t number = 0;
};

// The words are those of libcurl 7.88 and later. Should they change, nothing is recognised, and a
// request that was refused counts as one of unknown outcome: the safe side.
[[nodiscard]] LogFact ReadLogLine(std::string_view line);

}  // namespace ffdl::k8s
