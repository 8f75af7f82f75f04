#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "test/support/s3_signature.h"

namespace ffdl::test {

// An S3 object store with one bucket on a free port of 127.0.0.1, over HTTP. It checks signatures
// (s3_signature.h) and misbehaves when told.
class S3Server {
 public:
  struct Options {
    std::string bucket = "ml";
    std::string region = "us-east-1";
    std::map<std::string, std::string> secrets{{"AKIDEXAMPLE", "s3cr3t/Key+With="}};
    std::string session_token;  // that signed requests must carry; "" for none
    bool anonymous = false;     // may read, too
    int page_entries = 1000;    // no listing has more at once
  };

  // Bytes to send instead of the right answer, and what comes then.
  struct Raw {
    std::string bytes;
    enum class Then { kGoOn, kCut, kHang } then = Then::kGoOn;
  };
  // Sees each request, with its number from 1, before it is answered; nothing has it answered as it
  // should be.
  using Script = std::function<std::optional<Raw>(const S3Request& request, int number)>;

  S3Server();
  explicit S3Server(Options options);
  ~S3Server();
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string endpoint() const;  // "http://127.0.0.1:port"

  void Put(const std::string& key, const std::string& content);
  void Remove(const std::string& key);
  void Misbehave(Script script);
  [[nodiscard]] std::vector<S3Request> requests() const;  // so far

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Whole answers. `headers` are lines, each with its "\r\n".
[[nodiscard]] std::string S3Answer(int status, const std::string& body,
                                   const std::string& headers = "");
[[nodiscard]] std::string S3ErrorAnswer(int status, const std::string& code,
                                        const std::string& message, const std::string& more = "",
                                        const std::string& headers = "");

}  // namespace ffdl::test
