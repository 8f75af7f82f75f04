#pragma once

#include <cstdlib>
#include <string>
#include <utility>

#include "k8s-client/net/transport.h"

namespace ffdl::k8s {

// Answers at once with what it was told, and keeps the request.
class CannedTransport final : public Transport {
 public:
  [[nodiscard]] EventLoop& loop() override { std::abort(); }
  void Send(HttpRequest request, Done done) override {
    request_ = std::move(request);
    done(answer_);
  }
  StreamId OpenStream(HttpRequest request, StreamSink&) override {
    request_ = std::move(request);
    return 1;
  }
  void Close(StreamId) override {}

  void WillAnswer(int status, std::string body) {
    answer_ =
        HttpResponse{.status = status, .content_type = "application/json", .body = std::move(body)};
  }
  void WillAnswer(HttpResponse answer) { answer_ = std::move(answer); }
  void WillFail(Delivery delivery) {
    answer_ = tl::unexpected(TransportError{delivery, {ErrorCode::kUnavailable, "no answer"}});
  }
  [[nodiscard]] const HttpRequest& request() const { return request_; }
  [[nodiscard]] std::string Line() const { return request_.method + " " + request_.path; }

 private:
  HttpRequest request_;
  tl::expected<HttpResponse, TransportError> answer_ = HttpResponse{.status = 200, .body = "{}"};
};

}  // namespace ffdl::k8s
