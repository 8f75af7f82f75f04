// The part of Exchange that reads the answer.
#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>

#include "k8s-client/net/connections.h"
#include "k8s-client/net/exchange.h"

namespace ffdl::k8s {
namespace {

constexpr int kOk = 200;
constexpr int kMultipleChoices = 300;
constexpr std::size_t kHeadBytesMax = 256UL * 1024;
constexpr std::size_t kQuotedBytesMax = 100;  // of what a server sent, in an error

// The value of header `name` (in lower case) when `line` is that header.
std::optional<std::string_view> ValueOf(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':') return std::nullopt;
  const bool same =
      std::ranges::equal(line.substr(0, name.size()), name,
                         [](unsigned char a, unsigned char b) { return std::tolower(a) == b; });
  if (!same) return std::nullopt;
  line.remove_prefix(name.size() + 1);
  while (line.starts_with(' ')) line.remove_prefix(1);
  while (line.ends_with('\n') || line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
  return line;
}

std::string Quoted(std::string_view text) {
  std::string quoted;
  for (const char c : text.substr(0, kQuotedBytesMax)) {
    quoted += std::isprint(static_cast<unsigned char>(c)) != 0 ? c : '?';
  }
  return quoted;
}

}  // namespace

std::size_t Exchange::OnHeader(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<Exchange*>(self)->Header({data, size * count}) ? size * count : 0;
}

bool Exchange::Header(std::string_view line) {
  owner_.OnRead();
  head_bytes_ += line.size();
  if (head_bytes_ > kHeadBytesMax) {
    wrong_ = "the head of the answer is larger than " + std::to_string(kHeadBytesMax) + " bytes";
    return false;
  }
  if (line == "\r\n" || line == "\n") return EndOfHead();
  NamedHeader(line);
  return true;
}

void Exchange::NamedHeader(std::string_view line) {
  switch (line.front()) {  // most lines are none of these
    case 'w':
    case 'W':
      if (const auto warning = ValueOf(line, "warning")) owner_.OnWarning(*warning);
      break;
    case 'x':
    case 'X':
      if (const auto uid = ValueOf(line, "x-kubernetes-pf-flowschema-uid")) {
        response_.flow_schema = Quoted(*uid);
      }
      break;
    case 'c':
    case 'C':
      if (const auto coding = ValueOf(line, "content-encoding"); coding && *coding != "identity") {
        wrong_ = "the answer is compressed (" + Quoted(*coding) + ") although none was asked for";
      }
      break;
    default:
      break;
  }
}

bool Exchange::EndOfHead() {
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  if (status < kOk) return true;  // "100 Continue" and its like: the real head follows
  status_ = static_cast<int>(status);
  repeats_ = owner_.OnHead(*this, status_);
  if (repeats_ || silent_) return true;
  CheckType();
  if (!wrong_.empty()) return false;
  if (sink_ != nullptr) sink_->OnHead(status_, RetryAfter());
  return true;
}

// A page of a proxy with status 200 must not pass for an answer of the API.
void Exchange::CheckType() {
  const bool success = status_ >= kOk && status_ < kMultipleChoices;
  const char* type = nullptr;
  curl_easy_getinfo(easy_, CURLINFO_CONTENT_TYPE, &type);
  if (!success || type == nullptr || request_.accept == "*/*") return;
  const std::string wanted = request_.accept.substr(0, request_.accept.find(';'));
  if (std::string_view(type).starts_with(wanted)) return;
  wrong_ = "the answer is " + Quoted(type) + ", not " + wanted;
}

std::size_t Exchange::OnBody(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<Exchange*>(self)->Body({data, size * count}) ? size * count : 0;
}

bool Exchange::Body(std::string_view bytes) {
  owner_.OnRead();
  if (repeats_ || silent_) return true;
  if (sink_ != nullptr) {
    sink_->OnBytes(bytes);
    return true;
  }
  if (response_.body.size() + bytes.size() > response_bytes_max_) {
    wrong_ = "the answer is larger than " + std::to_string(response_bytes_max_) + " bytes";
    return false;
  }
  response_.body += bytes;
  return true;
}

}  // namespace ffdl::k8s
