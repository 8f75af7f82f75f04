#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/meta/time.h"

namespace ffdl::k8s {

inline constexpr std::chrono::minutes kTokenFileAgeMax{1};
inline constexpr std::size_t kTokenBytesMax = 64UL * 1024;

// The bearer token to send, kept up to date when it comes from a file: the kubelet replaces the
// token of a service account long before it expires. One thread at a time.
class TokenSource {
 public:
  // Borrows the clock. `token` and `token_file` as in ClusterConfig; both may be empty.
  TokenSource(std::string token, std::string token_file, const Clock& clock);
  ~TokenSource();
  TokenSource(const TokenSource&) = delete;
  TokenSource& operator=(const TokenSource&) = delete;

  // "" when no token is used. Reads the file when the last reading is older than kTokenFileAgeMax.
  // A file that cannot be read leaves the last token in use; an error means that there never was
  // one.
  [[nodiscard]] Result<std::string_view> Current();

  // The server answered 401 to a request that was sent at `sent_at` (of Clock::Steady) with `used`.
  // Reads the file at once, unless that happened since. True when there is now another token to
  // try.
  [[nodiscard]] bool Rejected(std::string_view used, std::chrono::nanoseconds sent_at);

  // Why the last reading failed; null when it did not.
  [[nodiscard]] const Error* last_failure() const { return failed_ ? &failure_ : nullptr; }

 private:
  void Read();

  std::string token_;
  const std::string file_;
  const Clock& clock_;
  bool read_ = false;
  std::chrono::nanoseconds read_at_{0};
  bool failed_ = false;
  Error failure_;
};

}  // namespace ffdl::k8s
