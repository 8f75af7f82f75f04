#include "operator/object_store/error_answer.h"

#include "operator/object_store/xml_reader.h"

namespace ffdl::object_store {
namespace {

constexpr std::size_t kQuotedBytesMax = 300;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

std::optional<ErrorAnswer> ReadErrorAnswer(std::string_view body) {
  ErrorAnswer answer;
  XmlReader reader({.opened = [](const std::string&) {},
                    .closed =
                        [&](const std::string& path, const std::string& text) {
                          if (path == "Error/Code") answer.code = Quoted(text);
                          if (path == "Error/Message") answer.message = Quoted(text);
                          if (path == "Error/Region") answer.region = Quoted(text);
                        }});
  if (!reader.Feed(body) || !reader.Finish() || answer.code.empty()) return std::nullopt;
  return answer;
}

std::string Quoted(std::string_view text) {
  std::string quoted(text.substr(0, kQuotedBytesMax));
  if (text.size() > kQuotedBytesMax) {
    while (!quoted.empty() && IsContinuation(text[quoted.size()])) quoted.pop_back();
    quoted += "...";
  }
  for (char& c : quoted) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') c = ' ';
  }
  return quoted;
}

}  // namespace ffdl::object_store
