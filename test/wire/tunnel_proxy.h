// A proxy on 127.0.0.1 that lets TLS through: HTTP CONNECT and SOCKS5, told apart by their first
// byte.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace ffdl::test {

class TunnelProxy {
 public:
  // Connects every tunnel to `target_port` of 127.0.0.1, whatever name was asked for.
  explicit TunnelProxy(int target_port);
  // Cuts all tunnels and waits for their threads.
  ~TunnelProxy();
  TunnelProxy(const TunnelProxy&) = delete;
  TunnelProxy& operator=(const TunnelProxy&) = delete;

  [[nodiscard]] std::string authority() const;  // "127.0.0.1:port"

  // What was asked for, in order: "CONNECT api.test:443" or "SOCKS5 api.test:443", followed by the
  // Proxy-Authorization of the former, if any. To be read once no request is under way.
  [[nodiscard]] std::vector<std::string> tunnels() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ffdl::test
