#pragma once

#include <memory>
#include <string>

#include "test/wire/authority.h"

namespace ffdl::test {

// Takes TLS on 127.0.0.1 and passes what is in it on to a plain port of 127.0.0.1, which makes of
// any server one that is reached by TLS.
class TlsFront {
 public:
  // `name` stands in the certificate.
  TlsFront(const Authority& authority, const std::string& name, int target_port);
  // Cuts all connections and waits for their threads.
  ~TlsFront();
  TlsFront(const TlsFront&) = delete;
  TlsFront& operator=(const TlsFront&) = delete;

  [[nodiscard]] std::string authority() const;  // "127.0.0.1:port"
  // Connections so far whose TLS was in order. To be read once no request is under way.
  [[nodiscard]] int handshakes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ffdl::test
