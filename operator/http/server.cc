#include "operator/http/server.h"

#include <cpprest/details/http_server_api.h>
#include <cpprest/http_listener.h>
#include <pplx/threadpool.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "operator/http/address.h"
#include "operator/http/sockets.h"

namespace ffdl::http {
namespace {

namespace rest = web::http;
using rest::experimental::details::http_server_api;
using rest::experimental::listener::http_listener;

// How long stopping waits for clients to take the answers that are ready. Handlers are always
// waited for.
constexpr std::chrono::seconds kLastRepliesLimit{2};

// How long connections may take to go once they are hung up on.
constexpr std::chrono::milliseconds kHangUpLimit{1000};
constexpr std::chrono::milliseconds kHangUpPeriod{1};

// Held while listeners come and go: the library's list of them is one for the process, and it
// deadlocks its own threads when two are closed at once.
std::mutex& ListenersMutex() {
  static std::mutex mutex;
  return mutex;
}

std::string LowerCase(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

Headers HeadersOf(const rest::http_request& message) {
  Headers headers;
  for (const auto& [name, value] : message.headers()) headers.emplace(LowerCase(name), value);
  return headers;
}

Response AnswerOf(const Handler& handler, const rest::http_request& message,
                  const std::vector<unsigned char>& body) {
  try {
    return handler({.method = message.method(),
                    .path = web::uri::decode(message.request_uri().path()),
                    .query = message.request_uri().query(),
                    .headers = HeadersOf(message),
                    .body = std::string(body.begin(), body.end())});
  } catch (const web::uri_exception&) {
    return {.status = 400, .body = "the path cannot be decoded\n"};
  } catch (const std::exception&) {
    return {.status = 500, .body = "internal error\n"};
  }
}

// What the requests in flight share with their server, which they may outlive by a moment.
class Exchanges {
 public:
  Exchanges(Handler handler, const ServerLimits& limits)
      : handler_(std::move(handler)), limits_(limits) {}

  [[nodiscard]] const ServerLimits& limits() const { return limits_; }

  // Calls the handler, unless the server stops, which then waits for it; Replied must follow.
  Response Answer(const rest::http_request& message, const std::vector<unsigned char>& body) {
    {
      const std::scoped_lock lock(mutex_);
      ++replying_;
      if (stopping_) return {.status = 503, .body = "shutting down\n"};
      ++handling_;
    }
    Response response = AnswerOf(handler_, message, body);
    const std::scoped_lock lock(mutex_);
    --handling_;
    changed_.notify_all();
    return response;
  }
  void Replied() {
    const std::scoped_lock lock(mutex_);
    --replying_;
    changed_.notify_all();
  }
  void Stop() {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.wait(lock, [this] { return handling_ == 0; });
    changed_.wait_for(lock, kLastRepliesLimit, [this] { return replying_ == 0; });
  }

 private:
  const Handler handler_;
  const ServerLimits limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int handling_ = 0;
  int replying_ = 0;
  bool stopping_ = false;
};

std::size_t HeaderBytes(const rest::http_request& message) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : message.headers()) bytes += name.size() + value.size();
  return bytes;
}

// Why this request must not reach the handler.
std::optional<Response> Refusal(const rest::http_request& message, const ServerLimits& limits) {
  if (message.request_uri().to_string().size() > limits.target_bytes) {
    return Response{.status = 414, .body = "the path is too long\n"};
  }
  if (HeaderBytes(message) > limits.header_bytes) {
    return Response{.status = 431, .body = "the headers are too long\n"};
  }
  if (message.headers().has("Transfer-Encoding")) {
    return Response{.status = 411, .body = "a body needs a Content-Length\n"};
  }
  if (message.headers().content_length() > limits.body_bytes) {
    return Response{.status = 413, .body = "the body is too long\n"};
  }
  return std::nullopt;
}

bool HasLineBreak(const std::string& text) {
  return text.find_first_of("\r\n") != std::string::npos;
}

rest::http_response ToMessage(Response response, bool with_body) {
  rest::http_response message(static_cast<rest::status_code>(response.status));
  if (!with_body) response.body.clear();
  message.set_body(std::move(response.body), response.content_type);
  for (const auto& [name, value] : response.headers) {
    // A line break would let a value taken from a request forge headers of the answer.
    if (!HasLineBreak(name) && !HasLineBreak(value)) message.headers().add(name, value);
  }
  return message;
}

// Never throws; `exchange` hears when the answer is sent, or cannot be.
void Reply(const rest::http_request& message, const rest::http_response& response,
           const std::function<void()>& sent) {
  try {
    message.reply(response).then([sent](const pplx::task<void>& task) {
      try {
        task.get();
      } catch (const std::exception&) {
        // The client went away; there is nobody to tell.
      }
      sent();
    });
  } catch (const std::exception&) {
    sent();  // the library has answered it already: the connection is being closed
  }
}

using DiscardBuffer = std::array<unsigned char, 16384>;

// Reads a body to its end without keeping it: the library answers no sooner, and keeps what is not
// read.
void Discard(const concurrency::streams::istream& body,
             const std::shared_ptr<DiscardBuffer>& buffer) {
  body.streambuf()
      .getn(buffer->data(), buffer->size())
      .then([body, buffer](const pplx::task<std::size_t>& read) {
        try {
          if (read.get() > 0) Discard(body, buffer);
        } catch (const std::exception&) {
          // The client went away.
        }
      });
}

void Refuse(const rest::http_request& message, Response refusal) {
  refusal.headers["connection"] = "close";
  Discard(message.body(), std::make_shared<DiscardBuffer>());
  Reply(message, ToMessage(std::move(refusal), true), [] {});
}

void Serve(const std::shared_ptr<Exchanges>& exchanges, const rest::http_request& message) {
  if (std::optional<Response> refusal = Refusal(message, exchanges->limits())) {
    return Refuse(message, std::move(*refusal));
  }
  // Not waited for here: a slow client must not hold one of the few threads.
  message.extract_vector().then(
      [exchanges, message](const pplx::task<std::vector<unsigned char>>& body) {
        try {
          Response response = exchanges->Answer(message, body.get());
          Reply(message, ToMessage(std::move(response), message.method() != "HEAD"),
                [exchanges] { exchanges->Replied(); });
        } catch (const std::exception&) {
          Reply(message, ToMessage({.status = 400, .body = "the body ended early\n"}, true), [] {});
        }
      });
}

void StartThreads() {
  static std::once_flag once;
  std::call_once(once, [] {
    try {
      crossplat::threadpool::initialize_with_threads(kServerThreads);
    } catch (const std::exception&) {
      // Somebody else in this process came first; the pool is as good at another size.
    }
  });
}

// The library listens again on every port it ever had when its first server starts, so it must
// forget them.
void ForgetOldPorts() {
  if (!http_server_api::has_listener()) http_server_api::unregister_server_api();
}

}  // namespace

class Server::Impl {
 public:
  Impl(const Address& address, std::uint16_t port, Handler handler, const ServerLimits& limits)
      : exchanges_(std::make_shared<Exchanges>(std::move(handler), limits)),
        port_(port),
        listener_(web::uri("http://" + address.host + ":" + std::to_string(port) + "/")) {
    listener_.support(
        [exchanges = exchanges_](const rest::http_request& message) { Serve(exchanges, message); });
  }

  // Throws what the library throws.
  void Open() {
    const std::scoped_lock lock(ListenersMutex());
    ForgetOldPorts();
    listener_.open().get();
    SendWithoutDelay(port_);
  }

  ~Impl() {
    exchanges_->Stop();
    EndConnections();
    const std::scoped_lock lock(ListenersMutex());
    try {
      listener_.close().get();
    } catch (const std::exception&) {
      // It was never open.
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  // The library closes what connections are left in the thread that stops it, while threads of its
  // own begin to answer requests that break off by that, and the process dies of it (epoll_reactor
  // ::start_op). So they are ended before, from outside: then its own threads are all that notice.
  void EndConnections() const {
    const auto until = std::chrono::steady_clock::now() + kHangUpLimit;
    while (HangUp(port_) > 0 && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(kHangUpPeriod);
    }
  }

  std::shared_ptr<Exchanges> exchanges_;
  std::uint16_t port_;
  http_listener listener_;
};

k8s::Result<std::unique_ptr<Server>> Server::Listen(std::string_view address, Handler handler,
                                                    const ServerLimits& limits) {
  const k8s::Result<Address> where = ParseAddress(address);
  if (!where) return k8s::unexpected(where.error());
  const k8s::Result<BoundPort> bound = BoundPort::Bind(*where);
  if (!bound) return k8s::unexpected(bound.error());
  try {
    StartThreads();
    auto impl = std::make_unique<Impl>(*where, bound->port(), std::move(handler), limits);
    impl->Open();
    return std::unique_ptr<Server>(new Server(std::move(impl)));
  } catch (const std::exception& error) {
    return k8s::Fail(k8s::ErrorCode::kUnavailable,
                     "listen on " + std::string(address) + ": " + error.what());
  }
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->port(); }

}  // namespace ffdl::http
