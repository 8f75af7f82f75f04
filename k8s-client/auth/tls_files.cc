#include "k8s-client/auth/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <utility>

#include "k8s-client/auth/file.h"
#include "k8s-client/auth/secret.h"

namespace ffdl::k8s {
namespace {

template <auto Function>
struct Free {
  template <typename T>
  void operator()(T* what) const {
    Function(what);
  }
};
using Buffer = std::unique_ptr<BIO, Free<&BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<&X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>>;

Buffer Open(const std::string& pem) {
  return Buffer(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// Never asks for a passphrase at the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

Certificate NextCertificate(BIO* source) {
  return Certificate(PEM_read_bio_X509(source, nullptr, &NoPassphrase, nullptr));
}

// Every certificate of the text must parse: a file that is cut in the middle is not used.
bool AllParse(const std::string& pem) {
  const Buffer source = Open(pem);
  int count = 0;
  while (NextCertificate(source.get())) ++count;
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  return count > 0 && at_end;
}

bool Match(const std::string& certificate_pem, const std::string& key_pem) {
  const Certificate certificate = NextCertificate(Open(certificate_pem).get());
  const Key key(PEM_read_bio_PrivateKey(Open(key_pem).get(), nullptr, &NoPassphrase, nullptr));
  return certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
}

// The content of `path`, or `otherwise` where there is no file. An empty file is about to be
// written; taken as it is, it would mean to trust whomever the machine trusts.
Result<std::string> ReadOr(const std::string& path, const std::string& otherwise) {
  if (path.empty()) return otherwise;
  Result<std::string> text = ReadSmallFile(path, kPemBytesMax);
  if (text && text->empty()) return Fail(ErrorCode::kInvalid, path + ": is empty");
  return text;
}

}  // namespace

TlsMaterial::TlsMaterial(std::string ca_pem, std::string certificate_pem, std::string key_pem)
    : ca(std::move(ca_pem)), certificate(std::move(certificate_pem)), key(std::move(key_pem)) {}

TlsMaterial::~TlsMaterial() { Wipe(key); }

Result<void> Check(const TlsMaterial& material) {
  ERR_clear_error();
  Result<void> result;
  if (!material.ca.empty() && !AllParse(material.ca)) {
    result = Fail(ErrorCode::kInvalid, "the certificate authority holds no certificate");
  } else if (!material.certificate.empty() && !Match(material.certificate, material.key)) {
    result = Fail(ErrorCode::kInvalid, "the client certificate and its key do not belong together");
  }
  ERR_clear_error();  // what OpenSSL notes must not be taken for an error of a connection
  return result;
}

TlsFiles::TlsFiles(const ClusterConfig& config, const Clock& clock)
    : config_(config),
      clock_(clock),
      material_(std::make_shared<const TlsMaterial>(config.ca_pem, config.client_certificate_pem,
                                                    config.client_key_pem)),
      read_at_(clock.Steady()) {}

std::shared_ptr<const TlsMaterial> TlsFiles::Current() {
  const bool has_files = !config_.ca_file.empty() || !config_.client_certificate_file.empty();
  if (has_files && (suspected_ || clock_.Steady() - read_at_ >= kTlsFilesAgeMax)) Read();
  return material_;
}

void TlsFiles::Read() {
  read_at_ = clock_.Steady();
  suspected_ = false;
  failed_ = true;
  Result<std::string> ca = ReadOr(config_.ca_file, config_.ca_pem);
  Result<std::string> certificate =
      ReadOr(config_.client_certificate_file, config_.client_certificate_pem);
  Result<std::string> key = ReadOr(config_.client_key_file, config_.client_key_pem);
  for (const Result<std::string>* read :
       {&std::as_const(ca), &std::as_const(certificate), &std::as_const(key)}) {
    if (*read) continue;
    failure_ = WithContext("read again", read->error());
    return;
  }
  auto material =
      std::make_shared<const TlsMaterial>(std::move(*ca), std::move(*certificate), std::move(*key));
  const bool same = material->ca == material_->ca &&
                    material->certificate == material_->certificate &&
                    material->key == material_->key;
  if (!same) {
    if (Result<void> usable = Check(*material); !usable) {
      failure_ = WithContext("certificates were renewed, but the old ones stay in use",
                             std::move(usable.error()));
      return;
    }
    material_ = std::move(material);
  }
  failed_ = false;
}

}  // namespace ffdl::k8s
