#pragma once

#include <string>
#include <string_view>

#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

// What the environment says about proxies. Values as they are there.
struct ProxyEnvironment {
  std::string https_proxy;  // HTTPS_PROXY or https_proxy: for https servers
  std::string http_proxy;   // HTTP_PROXY or http_proxy: for http servers
  std::string no_proxy;     // NO_PROXY or no_proxy
};

// The proxy for `server` ("https://host:port"); "" for none. The rules are those of kubectl
// (golang.org/x/net/http/httpproxy): NO_PROXY is a list of addresses, address ranges (CIDR), domain
// names ("a.b" with all below it, ".a.b" only what is below), each with a port or without, or "*".
// The machine itself is never reached by a proxy.
[[nodiscard]] Result<std::string> ProxyFor(std::string_view server,
                                           const ProxyEnvironment& environment);

// A proxy's URL as libcurl wants it: http, https or socks5; names are resolved by the proxy.
// Without a scheme it is http. Errors never repeat the URL, which may hold a password.
[[nodiscard]] Result<std::string> NormalProxyUrl(std::string_view url);

}  // namespace ffdl::k8s
