#include "k8s-client/net/exchange.h"

#include <algorithm>
#include <utility>

#include "k8s-client/net/curl_errors.h"
#include "k8s-client/net/curl_log.h"

namespace ffdl::k8s {
namespace {

constexpr int kOk = 200;

// "GET /api/v1/pods": the query is left out, it can be kilobytes long.
std::string Describe(const HttpRequest& request) {
  return request.method + " " + request.path.substr(0, request.path.find('?'));
}

}  // namespace

Exchange::Exchange(Owner& owner, std::uint64_t id, HttpRequest request, Transport::Done done,
                   StreamSink* sink, std::size_t response_bytes_max)
    : owner_(owner),
      id_(id),
      request_(std::move(request)),
      done_(std::move(done)),
      sink_(sink),
      response_bytes_max_(response_bytes_max) {}

Exchange::~Exchange() { curl_slist_free_all(headers_); }

void Exchange::Prepare(CURL* easy, const Attempt& attempt) {
  repeated_ = repeats_;
  repeats_ = false;
  sends_ = 0;
  response_ = {};
  detail_.front() = '\0';
  easy_ = easy;
  token_ = attempt.token;
  attempted_at_ = attempt.at;
  const std::string url = std::string(attempt.base_url) + request_.path;
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail_.data());
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &Exchange::OnBeforeSend);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &Exchange::OnDebug);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, this);
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
  SetBody();
  SetHeaders(attempt);
}

CURL* Exchange::Release() {
  CURL* const easy = std::exchange(easy_, nullptr);
  if (easy == nullptr) return nullptr;
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, nullptr);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, nullptr);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 0L);
  return easy;
}

void Exchange::SetBody() {
  if (request_.body.empty()) {
    curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request_.body.data());  // borrowed
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
  }
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

void Exchange::SetHeaders(const Attempt& attempt) {
  curl_slist_free_all(std::exchange(headers_, nullptr));
  const auto add = [this](std::string_view name, std::string_view value) {
    headers_ = curl_slist_append(headers_, std::string(name).append(value).c_str());
  };
  add("Accept: ", request_.accept);
  // Without it a server may compress a watch by pieces, which libcurl cannot undo.
  add("Accept-Encoding: ", "identity");
  add("Expect:", "");  // bodies go out at once
  if (!request_.body.empty()) add("Content-Type: ", request_.content_type);
  if (!attempt.host_header.empty()) add(attempt.host_header, "");
  if (!token_.empty()) add("Authorization: Bearer ", token_);
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
}

void Exchange::Finish(CURLcode code) {
  if (code != CURLE_OK) return Fail(Explain(code));
  if (silent_) return;
  if (sink_ != nullptr) return sink_->OnEnd(nullptr);
  const char* type = nullptr;
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_CONTENT_TYPE, &type);
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  response_.content_type = type == nullptr ? "" : type;
  response_.retry_after = RetryAfter();
  done_(std::move(response_));
}

void Exchange::Fail(Error error) {
  if (silent_) return;
  error = WithContext(Describe(request_), std::move(error));
  if (sink_ != nullptr) return sink_->OnEnd(&error);
  const Delivery delivery = sent() && !refused_ ? Delivery::kUnknown : Delivery::kNotSent;
  done_(tl::unexpected(TransportError{.delivery = delivery, .error = std::move(error)}));
}

Error Exchange::Explain(CURLcode code) const {
  if (too_large_) {
    return {
        .code = ErrorCode::kBadResponse,
        .message = "the answer is larger than " + std::to_string(response_bytes_max_) + " bytes"};
  }
  if (lost_) {
    return {.code = ErrorCode::kUnavailable,
            .message = "the connection was lost before the answer came"};
  }
  return FromCurl(code, detail_.data());
}

std::chrono::milliseconds Exchange::RetryAfter() const {
  curl_off_t wish = 0;
  curl_easy_getinfo(easy_, CURLINFO_RETRY_AFTER, &wish);
  constexpr curl_off_t kMax = std::chrono::seconds(kRetryAfterMax).count();
  return std::chrono::seconds(std::clamp<curl_off_t>(wish, 0, kMax));
}

std::size_t Exchange::OnHeader(char* data, std::size_t size, std::size_t count, void* self) {
  static_cast<Exchange*>(self)->Header({data, size * count});
  return size * count;
}

void Exchange::Header(std::string_view line) {
  owner_.OnRead();
  if (line != "\r\n" && line != "\n") return;
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  if (status < kOk) return;  // "100 Continue" and its like: the real head follows
  repeats_ = owner_.OnHead(*this, static_cast<int>(status));
  if (sink_ != nullptr && !repeats_ && !silent_)
    sink_->OnHead(static_cast<int>(status), RetryAfter());
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
    too_large_ = true;
    return false;
  }
  response_.body += bytes;
  return true;
}

int Exchange::OnBeforeSend(void* self, char*, char*, int, int port) {
  return static_cast<Exchange*>(self)->MaySend(port) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

// libcurl calls this before every send, those included that it makes on its own when a connection
// that was used before closed without an answer. Such a request may have been carried out.
bool Exchange::MaySend(int port) {
  const bool again = sends_ > 0 && !refused_;
  lost_ = again && request_.method != "GET";
  if (lost_) return false;
  refused_ = false;
  ++sends_;
  sent_at_ = std::chrono::steady_clock::now();
  port_ = port;
  stream_ = 0;
  return true;
}

void Exchange::OnGoAway(int port, std::uint32_t last) {
  if (sent() && port == port_ && stream_ > last) refused_ = true;
}

int Exchange::OnDebug(CURL*, curl_infotype type, char* text, std::size_t size, void* self) {
  if (type == CURLINFO_TEXT) static_cast<Exchange*>(self)->ReadLog({text, size});
  return 0;
}

void Exchange::ReadLog(std::string_view line) {
  const LogFact fact = ReadLogLine(line);
  switch (fact.kind) {
    case LogFact::Kind::kNothing:
      break;
    case LogFact::Kind::kStreamOpened:
      stream_ = fact.number;
      break;
    case LogFact::Kind::kGoAway:
      owner_.OnGoAway(port_, fact.number);
      break;
    case LogFact::Kind::kRefused:
      refused_ = true;
      break;
  }
}

}  // namespace ffdl::k8s
