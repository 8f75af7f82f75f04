#include "test/wire/tls_socket.h"

#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <sys/socket.h>

#include <stdexcept>
#include <string_view>

namespace ffdl::test {
namespace {

BIO* Borrow(const std::string& text) {
  return BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
}

X509* ReadCertificate(const std::string& pem) {
  BIO* const source = Borrow(pem);
  X509* const certificate = PEM_read_bio_X509(source, nullptr, nullptr, nullptr);
  BIO_free(source);
  return certificate;
}

}  // namespace

int ListenOnLoopback(std::uint16_t* port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, generic, size) != 0 || listen(fd, SOMAXCONN) != 0 ||
      getsockname(fd, generic, &size) != 0) {
    throw std::runtime_error("listen on loopback");
  }
  *port = ntohs(address.sin_port);
  return fd;
}

int ConnectToLoopback(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  return fd;
}

TlsContext MakeContext(const Authority& authority, const Identity& identity, bool ask_client) {
  TlsContext context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  X509* const certificate = ReadCertificate(identity.certificate_pem);
  SSL_CTX_use_certificate(context.get(), certificate);
  X509_free(certificate);
  BIO* const source = Borrow(identity.key_pem);
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(source, nullptr, nullptr, nullptr);
  BIO_free(source);
  SSL_CTX_use_PrivateKey(context.get(), key);
  EVP_PKEY_free(key);
  if (ask_client) {
    X509* const root = ReadCertificate(authority.pem());
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), root);
    X509_free(root);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

void PreferHttp2(SSL_CTX& context) {
  SSL_CTX_set_alpn_select_cb(
      &context,
      [](SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
         unsigned offered_size, void*) {
        static constexpr std::string_view kNames{"\x02h2\x08http/1.1"};
        const auto* const names = reinterpret_cast<const unsigned char*>(kNames.data());
        const int found = SSL_select_next_proto(const_cast<unsigned char**>(chosen), size, names,
                                                kNames.size(), offered, offered_size);
        return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
      },
      nullptr);
}

}  // namespace ffdl::test
