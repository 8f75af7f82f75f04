#include "k8s-client/runtime/metered_transport.h"

#include <vector>

namespace ffdl::k8s {

struct MeteredTransport::Meters {
  const std::string host;
  const RuntimeContext context;

  void Count(const std::string& method, const std::string& code) const {
    context.metrics
        .CounterOf("rest_client_requests_total", "Requests, by answer.",
                   {{"code", code}, {"method", method}, {"host", host}})
        .Add();
  }
  void CountRetry(const std::string& verb, const std::string& code) const {
    context.metrics
        .CounterOf("rest_client_request_retries_total",
                   "Requests that were sent once more, by what they were answered with before.",
                   {{"code", code}, {"verb", verb}, {"host", host}})
        .Add();
  }
  void Time(const std::string& verb, std::chrono::nanoseconds since) const {
    context.metrics
        .HistogramOf("rest_client_request_duration_seconds", "From request to answer.",
                     {0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60},
                     {{"verb", verb}, {"host", host}})
        .Observe(std::chrono::duration<double>(context.clock.Steady() - since).count());
  }
  void Measure(const char* metric, const char* help, const std::string& verb,
               const std::string& body) const {
    context.metrics
        .HistogramOf(metric, help,
                     {64, 256, 512, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216},
                     {{"verb", verb}, {"host", host}})
        .Observe(static_cast<double>(body.size()));
  }
};

MeteredTransport::MeteredTransport(Transport& base, std::string host, RuntimeContext context)
    : base_(base),
      meters_(std::make_shared<const Meters>(
          Meters{.host = std::move(host), .context = std::move(context)})) {}

void MeteredTransport::Send(HttpRequest request, Done done) {
  const std::string method = request.method;
  meters_->Measure("rest_client_request_size_bytes", "Bodies of requests.", method, request.body);
  if (!request.answered_before.empty()) meters_->CountRetry(method, request.answered_before);
  const std::chrono::nanoseconds sent = meters_->context.clock.Steady();
  base_.Send(std::move(request), [meters = meters_, method, sent, done = std::move(done)](
                                     tl::expected<HttpResponse, TransportError> answer) {
    meters->Time(method, sent);
    meters->Count(method, answer ? std::to_string(answer->status) : "<error>");
    if (answer) {
      meters->Measure("rest_client_response_size_bytes", "Bodies of answers.", method,
                      answer->body);
    }
    done(std::move(answer));
  });
}

}  // namespace ffdl::k8s
