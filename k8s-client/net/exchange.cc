#include "k8s-client/net/exchange.h"

#include <algorithm>
#include <utility>

#include "k8s-client/net/connections.h"
#include "k8s-client/net/curl_errors.h"
#include "k8s-client/net/curl_log.h"

namespace ffdl::k8s {
namespace {

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

void Exchange::Prepare(CURL* easy, const Attempt& attempt) {
  repeated_ = repeats_;
  repeats_ = false;
  sends_ = 0;
  status_ = 0;
  head_bytes_ = 0;
  wrong_.clear();
  response_ = {};
  detail_.front() = '\0';
  easy_ = easy;
  attempt_ = attempt;
  curl_easy_setopt(easy, CURLOPT_URL, Url().c_str());
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail_.data());
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, this);
  SetBody();
  SetHeaders();
}

void Exchange::SetUp(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &Exchange::OnBeforeSend);
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &Exchange::OnDebug);
}

// The server is told when we stop waiting, so that it does not go on for nobody. Whoever opens a
// stream says how long it may last, and what takes any answer is no request to the API.
std::string Exchange::Url() const {
  std::string url = std::string(attempt_.base_url) + request_.path;
  if (sink_ != nullptr || request_.accept == "*/*") return url;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(request_.timeout);
  url += request_.path.find('?') == std::string::npos ? "?timeout=" : "&timeout=";
  return url.append(std::to_string(seconds.count())).append("s");
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

void Exchange::SetHeaders() {
  std::size_t count = 0;
  const auto add = [&](std::string_view name, std::string_view value) {
    lines_.at(count++) = std::string(name).append(value);
  };
  add("Accept: ", request_.accept);
  if (!request_.body.empty()) add("Content-Type: ", request_.content_type);
  if (!audit_id.empty()) add("Audit-ID: ", audit_id);
  curl_slist* next = attempt_.headers->first();
  while (count > 0) {
    --count;
    nodes_.at(count) = {.data = lines_.at(count).data(), .next = next};
    next = &nodes_.at(count);
  }
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, next);
}

void Exchange::Finish(CURLcode code) {
  if (code != CURLE_OK) return Fail(Explain(code));
  if (silent_) return;
  if (sink_ != nullptr) return sink_->OnEnd(nullptr);
  const char* type = nullptr;
  curl_easy_getinfo(easy_, CURLINFO_CONTENT_TYPE, &type);
  response_.status = status_;
  response_.request = Describe(request_);
  response_.content_type = type == nullptr ? "" : type;
  response_.retry_after = RetryAfter();
  response_.audit_id = audit_id;
  done_(std::move(response_));
}

void Exchange::Fail(Error error) {
  if (silent_) return;
  error = WithContext(Describe(request_), std::move(error));
  if (sent()) error.audit_id = audit_id;
  if (sink_ != nullptr) return sink_->OnEnd(&error);
  const Delivery delivery = sent() && !refused_ ? Delivery::kUnknown : Delivery::kNotSent;
  done_(tl::unexpected(TransportError{.delivery = delivery, .error = std::move(error)}));
}

Error Exchange::Explain(CURLcode code) const {
  if (!wrong_.empty()) return {.code = ErrorCode::kBadResponse, .message = wrong_};
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
  stream_at_least_ = owner_.OnSending(*this, port);
  return true;
}

void Exchange::OnGoAway(int port, std::uint32_t last) {
  if (sent() && port == port_ && stream_at_least_ > last) refused_ = true;
}

bool Exchange::GoesAgain(CURLcode code) {
  if (code == CURLE_OK || silent_ || refusals_ == kRefusalsMax) return false;
  // The code with which libcurl leaves a connection that the server does not want any more.
  const bool left = code == CURLE_HTTP2 && status_ == 0 && request_.method == "GET";
  if (!refused_ && !left) return false;
  ++refusals_;
  return true;
}

void Exchange::ReadLog() { curl_easy_setopt(easy_, CURLOPT_VERBOSE, 1L); }

int Exchange::OnDebug(CURL*, curl_infotype type, char* text, std::size_t size, void* self) {
  if (type == CURLINFO_TEXT) static_cast<Exchange*>(self)->TakeFact({text, size});
  return 0;
}

void Exchange::TakeFact(std::string_view log_line) {
  const LogFact fact = ReadLogLine(log_line);
  switch (fact.kind) {
    case LogFact::Kind::kNothing:
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
