#include "k8s-client/auth/token_source.h"

#include <utility>

#include "k8s-client/auth/file.h"
#include "k8s-client/auth/secret.h"

namespace ffdl::k8s {
namespace {

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// A token goes into a header line: a control character in it would end the line early.
bool FitsIntoHeader(std::string_view token) {
  for (const char c : token) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) return false;
  }
  return !token.empty();
}

}  // namespace

TokenSource::TokenSource(std::string token, std::string token_file, const Clock& clock)
    : token_(std::move(token)), file_(std::move(token_file)), clock_(clock) {}

TokenSource::~TokenSource() { Wipe(token_); }

Result<std::string_view> TokenSource::Current() {
  if (!file_.empty() && (!read_ || clock_.Steady() - read_at_ >= kTokenFileAgeMax)) Read();
  if (token_.empty() && failed_) return unexpected<Error>(failure_);
  return std::string_view(token_);
}

bool TokenSource::Rejected(std::string_view used, std::chrono::nanoseconds sent_at) {
  if (token_ != used) return true;
  if (file_.empty() || (read_ && read_at_ > sent_at)) return false;
  Read();
  return token_ != used;
}

void TokenSource::Read() {
  read_ = true;
  read_at_ = clock_.Steady();
  Result<std::string> text = ReadSmallFile(file_, kTokenBytesMax);
  failed_ = true;
  if (!text) {
    failure_ = WithContext("read token file", std::move(text.error()));
    return;
  }
  const std::string_view token = Trimmed(*text);
  if (!FitsIntoHeader(token)) {
    failure_ =
        Error{.code = ErrorCode::kInvalid, .message = "token file " + file_ + " holds no token"};
  } else {
    failed_ = false;
    if (token != token_) {
      Wipe(token_);
      token_ = token;
    }
  }
  Wipe(*text);
}

}  // namespace ffdl::k8s
