#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/meta/time.h"

namespace ffdl::k8s {

inline constexpr std::chrono::minutes kTlsFilesAgeMax{5};
inline constexpr std::size_t kPemBytesMax = 1024UL * 1024;

// What a TLS connection is made with, as PEM text. Never changes; its key is wiped when it goes.
struct TlsMaterial {
  std::string ca;           // "" for the certificate authorities that the machine trusts
  std::string certificate;  // of ours, with its key, or neither
  std::string key;

  TlsMaterial(std::string ca_pem, std::string certificate_pem, std::string key_pem);
  ~TlsMaterial();
  TlsMaterial(const TlsMaterial&) = delete;
  TlsMaterial& operator=(const TlsMaterial&) = delete;
};

// kInvalid with a sentence when OpenSSL cannot use it: no certificate in the text, or a key that is
// not the certificate's.
[[nodiscard]] Result<void> Check(const TlsMaterial& material);

// The TLS material of a configuration, kept up to date where it comes from files: authorities and
// certificates are renewed while we run. One thread at a time.
class TlsFiles {
 public:
  // Borrows both; `config` must be loaded, so the first material needs no reading.
  TlsFiles(const ClusterConfig& config, const Clock& clock);

  // Never null. Reads the files when the last reading is older than kTlsFilesAgeMax; gives another
  // pointer only when the content is another one and can be used. Files that cannot be read, or
  // that are half written, leave the last material in use.
  [[nodiscard]] std::shared_ptr<const TlsMaterial> Current();

  // The server is not trusted, or does not trust us: the next Current reads the files.
  void Suspect() { suspected_ = true; }

  // Why the last reading changed nothing although it should have; null when all is well.
  [[nodiscard]] const Error* last_failure() const { return failed_ ? &failure_ : nullptr; }

 private:
  void Read();

  const ClusterConfig& config_;
  const Clock& clock_;
  std::shared_ptr<const TlsMaterial> material_;
  std::chrono::nanoseconds read_at_;
  bool suspected_ = false;
  bool failed_ = false;
  Error failure_;
};

}  // namespace ffdl::k8s
