#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "k8s-client/net/transport.h"
#include "test/support/virtual_time.h"

namespace ffdl::test {

// A transport without a network, on a virtual loop. Requests are answered by `server`, streams by
// the test.
class FakeTransport final : public k8s::Transport {
 public:
  using Answer = tl::expected<k8s::HttpResponse, k8s::TransportError>;
  // Nothing: no answer comes, and the request times out with unknown outcome.
  using Server = std::function<std::optional<Answer>(const k8s::HttpRequest&)>;

  struct Stream {
    k8s::HttpRequest request;
    k8s::StreamSink* sink = nullptr;  // null once it has ended
  };

  explicit FakeTransport(VirtualTime& time) : loop_(time) {}

  [[nodiscard]] VirtualLoop& loop() override { return loop_; }

  void Send(k8s::HttpRequest request, Done done) override {
    requests.push_back(request);
    std::optional<Answer> answer = server ? server(request) : std::nullopt;
    auto delay = latency;
    if (!answer) {
      delay = request.timeout;
      answer = TimedOut();
    }
    loop_.After(delay, [answer = std::move(*answer), done = std::move(done)] { done(answer); });
  }

  StreamId OpenStream(k8s::HttpRequest request, k8s::StreamSink& sink) override {
    streams.push_back({.request = std::move(request), .sink = &sink});
    return streams.size();
  }

  void Close(StreamId stream) override { streams.at(stream - 1).sink = nullptr; }

  void Reconnect(std::string_view /*why*/) override { ++reconnects; }

  // --- What the test does to the last stream ---

  [[nodiscard]] bool streaming() const {
    return !streams.empty() && streams.back().sink != nullptr;
  }
  [[nodiscard]] const std::string& stream_path() const { return streams.back().request.path; }
  void Head(int status, std::chrono::milliseconds retry_after = {}) {
    streams.back().sink->OnHead(status, retry_after);
  }
  void Bytes(std::string_view bytes) { streams.back().sink->OnBytes(bytes); }
  void Line(std::string_view line) { Bytes(std::string(line) + "\n"); }
  void End() { std::exchange(streams.back().sink, nullptr)->OnEnd(nullptr); }
  void Break() {
    const k8s::Error error{.code = k8s::ErrorCode::kUnavailable, .message = "connection reset"};
    std::exchange(streams.back().sink, nullptr)->OnEnd(&error);
  }
  // A whole answer that is no stream.
  void Refuse(int status, std::string_view body = "", std::chrono::milliseconds retry_after = {}) {
    Head(status, retry_after);
    if (!body.empty()) Bytes(body);
    End();
  }

  // --- Answers ---

  static Answer Ok(std::string body) {
    return k8s::HttpResponse{
        .status = 200, .content_type = "application/json", .body = std::move(body)};
  }
  static Answer Status(int status, std::string_view reason = "", std::string_view message = "") {
    return k8s::HttpResponse{.status = status,
                             .content_type = "application/json",
                             .body = R"({"kind":"Status","status":"Failure","code":)" +
                                     std::to_string(status) + R"(,"reason":")" +
                                     std::string(reason) + R"(","message":")" +
                                     std::string(message) + R"("})"};
  }
  static Answer NotSent() {
    return tl::unexpected(k8s::TransportError{
        .delivery = k8s::Delivery::kNotSent,
        .error = {.code = k8s::ErrorCode::kUnavailable, .message = "connection refused"}});
  }
  static Answer TimedOut() {
    return tl::unexpected(
        k8s::TransportError{.delivery = k8s::Delivery::kUnknown,
                            .error = {.code = k8s::ErrorCode::kTimeout, .message = "timed out"}});
  }

  Server server;
  std::chrono::milliseconds latency{1};
  std::vector<k8s::HttpRequest> requests;  // all of them, in order
  std::vector<Stream> streams;             // all of them, in order
  int reconnects = 0;

 private:
  VirtualLoop loop_;
};

// "POST /api/v1/namespaces/ml/pods", without the query.
inline std::string Route(const k8s::HttpRequest& request) {
  return request.method + " " + request.path.substr(0, request.path.find('?'));
}

// A server that gives prepared answers, each once and in order for its route, and `otherwise` else.
class ScriptedServer {
 public:
  ScriptedServer& On(const std::string& route, std::optional<FakeTransport::Answer> answer) {
    answers_[route].push_back(std::move(answer));
    return *this;
  }
  std::optional<FakeTransport::Answer> operator()(const k8s::HttpRequest& request) {
    auto& prepared = answers_[Route(request)];
    if (prepared.empty()) return otherwise;
    std::optional<FakeTransport::Answer> answer = std::move(prepared.front());
    prepared.erase(prepared.begin());
    return answer;
  }

  std::optional<FakeTransport::Answer> otherwise =
      FakeTransport::Ok(R"({"metadata":{"name":"x","uid":"new","resourceVersion":"100"}})");

 private:
  std::map<std::string, std::vector<std::optional<FakeTransport::Answer>>> answers_;
};

}  // namespace ffdl::test
