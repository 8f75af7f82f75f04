// For the other files of this folder only.
#pragma once

#include <curl/curl.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operator/object_store/answer.h"
#include "operator/object_store/options.h"
#include "operator/object_store/result.h"

namespace ffdl::object_store {

// Why a body is not taken.
struct Refusal {
  ErrorKind kind;
  std::string message;
};

// Where the bytes of a good answer go.
class Body {
 public:
  virtual ~Body() = default;
  // A try has a good answer; what came of an earlier one is void. `length` is that of the answer,
  // if it said so.
  virtual tl::expected<void, Refusal> Begin(std::optional<std::int64_t> length) = 0;
  virtual tl::expected<void, Refusal> Take(std::string_view bytes) = 0;
  // All of it came.
  virtual tl::expected<void, Refusal> End() = 0;
};

struct Request {
  std::string name;  // for messages: "list bucket 'ml'"
  std::string url;
  std::vector<std::string> headers;
  Body* body = nullptr;  // outlives the request
};

// What all requests of a client have in common, as libcurl wants it.
struct Common {
  explicit Common(Options options_of_client);

  Options options;
  std::string signing;             // of CURLOPT_AWS_SIGV4
  std::string ca_bundle;           // PEM; "" for that of the system
  std::vector<std::string> token;  // the header of a session; none without one
};

// One try of a request.
class Transfer {
 public:
  // Borrows both.
  Transfer(const Common& common, const Request& request);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  [[nodiscard]] CURL* easy() const { return easy_; }
  // How it ended. Once, when libcurl is through with it.
  [[nodiscard]] Answer Finish(CURLcode code);

 private:
  static std::size_t OnBytes(const char* bytes, std::size_t size, std::size_t count, void* self);
  void Prepare();
  void Trust();
  void Sign();
  [[nodiscard]] bool Take(std::string_view bytes);
  [[nodiscard]] bool Begin();
  [[nodiscard]] bool Check(const tl::expected<void, Refusal>& taken);
  [[nodiscard]] std::string Header(const char* name) const;
  [[nodiscard]] long Status() const;

  const Common& common_;
  const Request& request_;
  CURL* const easy_;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> problem_{};
  bool begun_ = false;
  std::optional<Refusal> refusal_;
  std::string error_body_;
};

}  // namespace ffdl::object_store
