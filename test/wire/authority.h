#pragma once

#include <memory>
#include <string>

namespace ffdl::test {

// A private key with its certificate, as PEM text.
struct Identity {
  std::string certificate_pem;
  std::string key_pem;
};

// A certificate authority that lives as long as the object: made anew in memory, so that no test
// can depend on a file or on a date. Throws std::runtime_error when OpenSSL refuses, which ends the
// test.
class Authority {
 public:
  enum class Validity { kNow, kExpired };

  explicit Authority(const std::string& name = "test authority",
                     Validity validity = Validity::kNow);
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  [[nodiscard]] const std::string& pem() const;

  // For servers and clients alike. `name` is a DNS name or an IPv4 address.
  [[nodiscard]] Identity Issue(const std::string& name) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ffdl::test
