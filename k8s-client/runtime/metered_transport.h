#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "k8s-client/net/transport.h"
#include "k8s-client/runtime/context.h"

namespace ffdl::k8s {

// Counts and times the requests through it, by the names and with the buckets of client-go. Streams
// pass uncounted: operator_watch_restarts_total has them. Borrows; may end before its requests do.
class MeteredTransport final : public Transport {
 public:
  // `host`: the label, "10.96.0.1:443".
  MeteredTransport(Transport& base, std::string host, RuntimeContext context);

  [[nodiscard]] EventLoop& loop() override { return base_.loop(); }
  void Send(HttpRequest request, Done done) override;
  StreamId OpenStream(HttpRequest request, StreamSink& sink) override {
    return base_.OpenStream(std::move(request), sink);
  }
  void Close(StreamId stream) override { base_.Close(stream); }
  void Reconnect(std::string_view why) override { base_.Reconnect(why); }

 private:
  struct Meters;  // shared with requests under way

  Transport& base_;
  const std::shared_ptr<const Meters> meters_;
};

}  // namespace ffdl::k8s
