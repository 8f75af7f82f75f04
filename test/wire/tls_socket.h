// For the servers of this folder only: sockets and TLS contexts.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>

#include "test/wire/authority.h"

namespace ffdl::test {

using TlsContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

// A listening socket on a free port of 127.0.0.1.
[[nodiscard]] int ListenOnLoopback(std::uint16_t* port);

// A socket that is connected to `port` of 127.0.0.1; unconnected when nobody listens there.
[[nodiscard]] int ConnectToLoopback(int port);

// Serves as `identity`; with `ask_client` connections without a certificate of `authority` fail.
[[nodiscard]] TlsContext MakeContext(const Authority& authority, const Identity& identity,
                                     bool ask_client);

// Agrees on HTTP/2 with clients that offer it (ALPN), on HTTP/1.1 with others.
void PreferHttp2(SSL_CTX& context);

}  // namespace ffdl::test
