#include "k8s-client/runtime/metered_transport.h"

#include <utility>
#include <vector>

namespace ffdl::k8s {
namespace {

std::vector<double> DurationBounds() {
  return {0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60};
}
std::vector<double> SizeBounds() {
  return {64, 256, 512, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216};
}

}  // namespace

MeteredTransport::MeteredTransport(Transport& base, std::string host, RuntimeContext context)
    : base_(base), host_(std::move(host)), context_(std::move(context)) {}

void MeteredTransport::Send(HttpRequest request, Done done) {
  const std::string method = request.method;
  Of("rest_client_request_size_bytes", "Bodies of requests.", method, /*bytes=*/true)
      .Observe(static_cast<double>(request.body.size()));
  const std::chrono::nanoseconds sent = context_.clock.Steady();
  base_.Send(std::move(request), [this, method, sent, done = std::move(done)](
                                     tl::expected<HttpResponse, TransportError> answer) {
    Of("rest_client_request_duration_seconds", "From request to answer.", method, /*bytes=*/false)
        .Observe(std::chrono::duration<double>(context_.clock.Steady() - sent).count());
    if (answer) {
      Of("rest_client_response_size_bytes", "Bodies of answers.", method, /*bytes=*/true)
          .Observe(static_cast<double>(answer->body.size()));
    }
    Count(method, answer ? std::to_string(answer->status) : "<error>");
    done(std::move(answer));
  });
}

void MeteredTransport::Count(const std::string& method, const std::string& code) {
  context_.metrics
      .CounterOf("rest_client_requests_total", "Requests, by answer.",
                 {{"code", code}, {"method", method}, {"host", host_}})
      .Add();
}

Histogram& MeteredTransport::Of(const char* metric, const char* help, const std::string& verb,
                                bool bytes) {
  return context_.metrics.HistogramOf(metric, help, bytes ? SizeBounds() : DurationBounds(),
                                      {{"verb", verb}, {"host", host_}});
}

}  // namespace ffdl::k8s
