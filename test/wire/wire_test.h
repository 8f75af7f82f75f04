// What the tests of this folder share.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "k8s-client/api/blocking.h"
#include "k8s-client/net/curl_transport.h"
#include "test/wire/authority.h"
#include "test/wire/scripted_server.h"

namespace ffdl::test {

using namespace std::chrono_literals;

// Only a broken test waits so long.
inline constexpr std::chrono::seconds kPatience{20};

using Reply = tl::expected<k8s::HttpResponse, k8s::TransportError>;

[[nodiscard]] inline const Authority& TestAuthority() {
  static const Authority authority;
  return authority;
}

[[nodiscard]] inline k8s::ClusterConfig ConfigFor(const ScriptedServer& server) {
  return {.server = server.url(), .ca_pem = TestAuthority().pem()};
}

[[nodiscard]] inline std::unique_ptr<k8s::CurlTransport> Connect(
    k8s::ClusterConfig config, k8s::CurlTransportOptions options = {}) {
  auto transport = k8s::CurlTransport::Open(std::move(config), std::move(options));
  if (!transport) throw std::runtime_error(transport.error().message);
  return std::move(*transport);
}

[[nodiscard]] inline k8s::HttpRequest Request(std::string method, std::string path,
                                              std::string body = "") {
  k8s::HttpRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.content_type = "application/json";
  request.body = std::move(body);
  request.timeout = kPatience;
  return request;
}

[[nodiscard]] inline Reply Exchange(k8s::Transport& transport, k8s::HttpRequest request) {
  std::optional<Reply> reply = k8s::WaitFor<Reply>(
      kPatience, [&](auto done) { transport.Send(std::move(request), std::move(done)); });
  if (!reply) throw std::runtime_error("the transport has forgotten a request");
  return std::move(*reply);
}

// Keeps what a stream delivers. Any thread may wait for it.
class RecordingSink final : public k8s::StreamSink {
 public:
  void OnHead(int status, std::chrono::milliseconds retry_after) override {
    Update([&] { status_ = status, retry_after_ = retry_after; });
  }
  void OnBytes(std::string_view bytes) override {
    Update([&] { bytes_ += bytes; });
  }
  void OnEnd(const k8s::Error* error) override {
    Update([&] {
      ended_ = true;
      if (error != nullptr) error_ = *error;
    });
  }

  // False when `holds(*this)` does not come true in time.
  template <typename Predicate>
  [[nodiscard]] bool WaitUntil(Predicate holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return holds(); });
  }
  [[nodiscard]] bool WaitForHead() {
    return WaitUntil([this] { return status_ != 0; });
  }
  [[nodiscard]] bool WaitForBytes(std::size_t count) {
    return WaitUntil([this, count] { return bytes_.size() >= count; });
  }
  [[nodiscard]] bool WaitForEnd() {
    return WaitUntil([this] { return ended_; });
  }

  // Copies, because more may come at any moment.
  [[nodiscard]] int status() { return Read(status_); }
  [[nodiscard]] std::chrono::milliseconds retry_after() { return Read(retry_after_); }
  [[nodiscard]] std::string bytes() { return Read(bytes_); }
  [[nodiscard]] bool ended() { return Read(ended_); }
  [[nodiscard]] std::optional<k8s::Error> error() { return Read(error_); }

 private:
  template <typename Change>
  void Update(Change change) {
    const std::scoped_lock lock(mutex_);
    change();
    changed_.notify_all();
  }
  template <typename T>
  T Read(const T& value) {
    const std::scoped_lock lock(mutex_);
    return value;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int status_ = 0;
  std::chrono::milliseconds retry_after_{0};
  std::string bytes_;
  bool ended_ = false;
  std::optional<k8s::Error> error_;
};

}  // namespace ffdl::test
