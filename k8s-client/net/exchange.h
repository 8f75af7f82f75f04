// For the other files of this folder only.
#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "k8s-client/net/transport.h"

namespace ffdl::k8s {

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
    // The server ends the connection whose own port is `port` and has not looked at streams above
    // `last`.
    virtual void OnGoAway(int port, std::uint32_t last) = 0;
  };

  // What an attempt is made with. Valid during Prepare only.
  struct Attempt {
    std::string_view base_url;
    std::string_view host_header;    // "" for that of the URL
    std::string_view token;          // "" for none
    std::chrono::nanoseconds at{0};  // of Clock::Steady
  };

  // Exactly one of `done` and `sink` is set.
  Exchange(Owner& owner, std::uint64_t id, HttpRequest request, Transport::Done done,
           StreamSink* sink, std::size_t response_bytes_max);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Makes `easy` ready to carry this request, forgetting the last attempt.
  void Prepare(CURL* easy, const Attempt& attempt);
  // Takes the easy handle back out; it knows nothing of this exchange then.
  [[nodiscard]] CURL* Release();

  // The last callback; the exchange is finished.
  void Finish(CURLcode code);
  void Fail(Error error);
  // As Owner::OnGoAway; concerns this exchange or not.
  void OnGoAway(int port, std::uint32_t last);
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
  [[nodiscard]] bool repeats() const { return repeats_; }
  [[nodiscard]] bool repeated() const { return repeated_; }
  [[nodiscard]] const std::string& token() const { return token_; }
  [[nodiscard]] std::chrono::nanoseconds attempted_at() const { return attempted_at_; }

  EventLoop::TimerId deadline = 0;  // the owner's; 0 for none

 private:
  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self);
  static int OnBeforeSend(void* self, char*, char*, int, int port);
  static int OnDebug(CURL*, curl_infotype type, char* text, std::size_t size, void* self);

  void SetBody();
  void SetHeaders(const Attempt& attempt);
  void Header(std::string_view line);
  [[nodiscard]] bool Body(std::string_view bytes);
  [[nodiscard]] bool MaySend(int port);
  void ReadLog(std::string_view line);
  [[nodiscard]] std::chrono::milliseconds RetryAfter() const;
  [[nodiscard]] Error Explain(CURLcode code) const;

  Owner& owner_;
  const std::uint64_t id_;
  const HttpRequest request_;
  const Transport::Done done_;
  StreamSink* const sink_;
  const std::size_t response_bytes_max_;

  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  std::string token_;
  std::chrono::nanoseconds attempted_at_{0};
  std::array<char, CURL_ERROR_SIZE> detail_{};

  int sends_ = 0;
  std::chrono::steady_clock::time_point sent_at_{};
  int port_ = 0;              // our own, of the connection that has the last send
  std::uint32_t stream_ = 0;  // its HTTP/2 stream there; 0 when there is none
  bool refused_ = false;      // the server said that it did not look at the last send
  bool lost_ = false;         // libcurl wanted to repeat a write on its own
  bool too_large_ = false;
  bool repeats_ = false;  // this attempt's answer is not wanted, another attempt follows
  bool repeated_ = false;
  bool silent_ = false;
  HttpResponse response_;
};

}  // namespace ffdl::k8s
