#pragma once

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "k8s-client/net/transport.h"

namespace ffdl::k8s {

// Gives every request through it at most `limit`, so that whoever writes under a lease knows when
// each of its requests is over. Borrows.
class TimeLimitedTransport final : public Transport {
 public:
  TimeLimitedTransport(Transport& base, std::chrono::milliseconds limit)
      : base_(base), limit_(limit) {}

  [[nodiscard]] EventLoop& loop() override { return base_.loop(); }
  void Send(HttpRequest request, Done done) override {
    request.timeout = std::min(request.timeout, limit_);
    base_.Send(std::move(request), std::move(done));
  }
  StreamId OpenStream(HttpRequest request, StreamSink& sink) override {
    return base_.OpenStream(std::move(request), sink);
  }
  void Close(StreamId stream) override { base_.Close(stream); }
  void Reconnect(std::string_view why) override { base_.Reconnect(why); }

 private:
  Transport& base_;
  const std::chrono::milliseconds limit_;
};

}  // namespace ffdl::k8s
