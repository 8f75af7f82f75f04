#pragma once

#include <string>

#include "k8s-client/net/transport.h"
#include "k8s-client/runtime/context.h"

namespace ffdl::k8s {

// Counts and times the requests through it, by the names and with the buckets of client-go. Streams
// pass uncounted: operator_watch_restarts_total has them. Borrows; must outlive its requests.
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

 private:
  void Count(const std::string& method, const std::string& code);
  Histogram& Of(const char* metric, const char* help, const std::string& verb, bool bytes);

  Transport& base_;
  const std::string host_;
  const RuntimeContext context_;
};

}  // namespace ffdl::k8s
