#include "test/wire/authority.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <utility>

namespace ffdl::test {
namespace {

template <auto Function>
struct Free {
  template <typename T>
  void operator()(T* what) const {
    Function(what);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<&X509_free>>;
using Buffer = std::unique_ptr<BIO, Free<&BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<&X509_EXTENSION_free>>;

constexpr long kVersion3 = 2;  // as X.509 counts
constexpr long kValidS = 3600;

void Require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

std::string TextOf(BIO* buffer) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(buffer, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string Pem(X509* certificate) {
  const Buffer buffer(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_X509(buffer.get(), certificate) == 1, "write certificate");
  return TextOf(buffer.get());
}

std::string Pem(EVP_PKEY* key) {
  const Buffer buffer(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_PrivateKey(buffer.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "write key");
  return TextOf(buffer.get());
}

void Extend(X509* certificate, int kind, const std::string& value) {
  const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
  Require(extension != nullptr, "make extension");
  Require(X509_add_ext(certificate, extension.get(), -1) == 1, "add extension");
}

Certificate Draft(const std::string& name, long serial, EVP_PKEY* key) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), kVersion3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kValidS);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kValidS);
  X509_set_pubkey(certificate.get(), key);
  const auto* const text = reinterpret_cast<const unsigned char*>(name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC, text, -1,
                             -1, 0);
  return certificate;
}

void Sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  Require(X509_sign(certificate, key, EVP_sha256()) > 0, "sign certificate");
}

bool IsAddress(const std::string& name) {
  in_addr ignored{};
  return inet_pton(AF_INET, name.c_str(), &ignored) == 1;
}

}  // namespace

struct Authority::Parts {
  Key key;
  Certificate certificate;
  std::string pem;
  mutable long last_serial = 1;
};

Authority::Authority(const std::string& name, Validity validity)
    : parts_(std::make_unique<Parts>()) {
  parts_->key.reset(EVP_EC_gen("P-256"));
  Require(parts_->key != nullptr, "make key");
  parts_->certificate = Draft(name, 1, parts_->key.get());
  if (validity == Validity::kExpired) {
    X509_gmtime_adj(X509_getm_notAfter(parts_->certificate.get()), -kValidS / 2);
  }
  Extend(parts_->certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  Sign(parts_->certificate.get(), parts_->certificate.get(), parts_->key.get());
  parts_->pem = Pem(parts_->certificate.get());
}

Authority::~Authority() = default;

const std::string& Authority::pem() const { return parts_->pem; }

Identity Authority::Issue(const std::string& name) const {
  const Key key(EVP_EC_gen("P-256"));
  Require(key != nullptr, "make key");
  const Certificate certificate = Draft(name, ++parts_->last_serial, key.get());
  Extend(certificate.get(), NID_subject_alt_name, (IsAddress(name) ? "IP:" : "DNS:") + name);
  Sign(certificate.get(), parts_->certificate.get(), parts_->key.get());
  return {.certificate_pem = Pem(certificate.get()), .key_pem = Pem(key.get())};
}

}  // namespace ffdl::test
