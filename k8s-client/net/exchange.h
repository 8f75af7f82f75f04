// For the other files of this folder only.
#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "k8s-client/auth/authenticator.h"
#include "k8s-client/net/header_list.h"
#include "k8s-client/net/transport.h"

namespace ffdl::k8s {

class Connections;

// One request and its answer on an easy handle, from the first attempt to the last callback. All on
// the loop's thread. The owner keeps it alive while its easy handle is in a multi handle.
class Exchange {
 public:
  // Told while libcurl works, so it must not touch the multi handle.
  class Owner {
   public:
    virtual ~Owner() = default;
    // Bytes of an answer have come.
    virtual void OnRead() = 0;
    // The head of the answer is there. True when the request will be repeated: the answer is then
    // kept from whoever asked.
    virtual bool OnHead(Exchange& exchange, int status) = 0;
    // The request is about to be handed to the connection whose own port is `port`. Returns a
    // number that its HTTP/2 stream has at least.
    virtual std::uint32_t OnSending(Exchange& exchange, int port) = 0;
    // The server ends that connection and has not looked at streams above `last`.
    virtual void OnGoAway(int port, std::uint32_t last) = 0;
    // The server has something to say to people.
    virtual void OnWarning(std::string_view header_value) = 0;
  };

  // What an attempt is made with.
  struct Attempt {
    std::string_view base_url;  // valid during Prepare
    std::shared_ptr<const Login> login;
    std::shared_ptr<const HeaderList> headers;
    std::chrono::nanoseconds at{0};  // of Clock::Steady
  };

  // Exactly one of `done` and `sink` is set.
  Exchange(Owner& owner, std::uint64_t id, HttpRequest request, Transport::Done done,
           StreamSink* sink, std::size_t response_bytes_max);
  ~Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // What an easy handle needs once, before it carries the first exchange.
  static void SetUp(CURL* easy);
  // Makes `easy` ready to carry this request, forgetting the last attempt.
  void Prepare(CURL* easy, const Attempt& attempt);
  // Takes the easy handle back out; it knows nothing of this exchange then.
  [[nodiscard]] CURL* Release();

  // The last callback; the exchange is finished.
  void Finish(CURLcode code);
  void Fail(Error error);
  // As Owner::OnGoAway; concerns this exchange or not.
  void OnGoAway(int port, std::uint32_t last);
  // Reads libcurl's log from now on, which costs: to be called once the request is on its way.
  void ReadLog();
  // The attempt was answered, so that it leaves nothing in doubt; another one may follow.
  void ForgetAttempt() { sends_ = 0; }
  // No callbacks from now on.
  void Silence() { silent_ = true; }

  [[nodiscard]] std::uint64_t id() const { return id_; }
  // Null while the exchange waits for its turn.
  [[nodiscard]] CURL* easy() const { return easy_; }
  [[nodiscard]] const HttpRequest& request() const { return request_; }
  [[nodiscard]] bool is_stream() const { return sink_ != nullptr; }
  // The request was handed to a connection, so that bytes of it may have reached the server.
  [[nodiscard]] bool sent() const { return sends_ > 0; }
  // When that was last; meaningless before.
  [[nodiscard]] std::chrono::steady_clock::time_point sent_at() const { return sent_at_; }
  // After a failure: whether the server has not looked at the request, or it does no harm if it
  // has, so that it may go to another connection. True a few times.
  [[nodiscard]] bool GoesAgain(CURLcode code);
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] bool repeats() const { return repeats_; }
  [[nodiscard]] bool repeated() const { return repeated_; }
  // Of the answer; 0 until its head is there.
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] const Login& login() const { return *attempt_.login; }
  [[nodiscard]] std::chrono::nanoseconds attempted_at() const { return attempt_.at; }

  // The owner's.
  EventLoop::TimerId deadline = 0;           // 0 for none
  std::string audit_id;                      // "" for none
  std::shared_ptr<Connections> connections;  // that the easy handle is in; null without one

 private:
  static constexpr int kRefusalsMax = 3;

  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self);
  static int OnBeforeSend(void* self, char*, char*, int, int port);
  static int OnDebug(CURL*, curl_infotype type, char* text, std::size_t size, void* self);

  void SetBody();
  void SetHeaders();
  [[nodiscard]] std::string Url() const;
  [[nodiscard]] bool Header(std::string_view line);
  void NamedHeader(std::string_view line);
  [[nodiscard]] bool EndOfHead();
  void CheckType();
  [[nodiscard]] bool Body(std::string_view bytes);
  [[nodiscard]] bool MaySend(int port);
  void TakeFact(std::string_view log_line);
  [[nodiscard]] std::chrono::milliseconds RetryAfter() const;
  [[nodiscard]] Error Explain(CURLcode code) const;

  Owner& owner_;
  const std::uint64_t id_;
  const HttpRequest request_;
  const Transport::Done done_;
  StreamSink* const sink_;
  const std::size_t response_bytes_max_;

  CURL* easy_ = nullptr;
  Attempt attempt_;
  std::array<std::string, 3> lines_;  // of this request alone
  std::array<curl_slist, 3> nodes_{};
  std::array<char, CURL_ERROR_SIZE> detail_{};

  int sends_ = 0;
  std::chrono::steady_clock::time_point sent_at_{};
  int port_ = 0;                       // our own, of the connection that has the last send
  std::uint32_t stream_at_least_ = 0;  // its HTTP/2 stream there
  bool refused_ = false;               // the server said that it did not look at the last send
  int refusals_ = 0;
  bool lost_ = false;     // libcurl wanted to repeat a write on its own
  bool repeats_ = false;  // this attempt's answer is not wanted, another attempt follows
  bool repeated_ = false;
  bool silent_ = false;
  int status_ = 0;
  std::size_t head_bytes_ = 0;
  std::string wrong_;  // what makes the answer useless
  HttpResponse response_;
};

}  // namespace ffdl::k8s
