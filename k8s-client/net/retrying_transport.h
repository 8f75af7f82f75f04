#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

#include "k8s-client/meta/time.h"
#include "k8s-client/net/transport.h"

namespace ffdl::k8s {

struct RetryOptions {
  int tries_max = 10;  // of one request, the first included
  // How many of them may come without the server having asked for another (Retry-After). What
  // outlasts one more try is no hiccup, and the caller knows better when to come again.
  int unasked_max = 1;
  std::chrono::milliseconds first_wait{100};  // doubled each time; Retry-After counts if longer
  std::chrono::milliseconds longest_wait{5'000};
};

// Sends a request again where HttpRequest::repeat allows it: any that may be repeated after a 429
// with Retry-After, and those that may be repeated any time also when the answer was lost or is a
// 502, 503, 504 or another 5xx with Retry-After; those for which the server did not ask once only.
// All tries together take no longer than the request's time-out, so that a lease that outlasts the
// request outlasts them all. The answer is that of the last try; it is Delivery::kUnknown when an
// earlier try may have been carried out and the last one was not sent. Streams pass through.
//
// Must outlive its requests; one that waits for its next try when the loop ends is not answered.
class RetryingTransport final : public Transport {
 public:
  // Borrows both.
  RetryingTransport(Transport& base, const Clock& clock, RetryOptions options = {})
      : base_(base), clock_(clock), options_(options) {}

  [[nodiscard]] EventLoop& loop() override { return base_.loop(); }
  void Send(HttpRequest request, Done done) override;
  StreamId OpenStream(HttpRequest request, StreamSink& sink) override {
    return base_.OpenStream(std::move(request), sink);
  }
  void Close(StreamId stream) override { base_.Close(stream); }
  void Reconnect(std::string_view why) override { base_.Reconnect(why); }

 private:
  struct Tries;
  using Answer = tl::expected<HttpResponse, TransportError>;

  void Try(const std::shared_ptr<Tries>& tries);
  void OnAnswer(const std::shared_ptr<Tries>& tries, Answer answer);
  [[nodiscard]] std::chrono::milliseconds WaitAfter(const Tries& tries, const Answer& answer) const;

  Transport& base_;
  const Clock& clock_;
  const RetryOptions options_;
};

}  // namespace ffdl::k8s
