#include "operator/agent/remote/names.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <resolv.h>

#include <array>
#include <cstring>

namespace ffdl::agent {
namespace {

constexpr std::size_t kAddressesMax = 16;
constexpr int kWaitSeconds = 2;
constexpr int kTries = 2;

Address V4(const void* bytes, std::uint16_t port) {
  Address address{.size = sizeof(sockaddr_in)};
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  std::memcpy(&v4.sin_addr, bytes, sizeof(v4.sin_addr));
  std::memcpy(&address.bytes, &v4, sizeof(v4));
  return address;
}

Address V6(const void* bytes, std::uint16_t port) {
  Address address{.size = sizeof(sockaddr_in6)};
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, bytes, sizeof(v6.sin6_addr));
  std::memcpy(&address.bytes, &v6, sizeof(v6));
  return address;
}

// The resolver's state, which must be closed.
class Resolver {
 public:
  Resolver() : ready_(res_ninit(&state_) == 0) {
    state_.retrans = kWaitSeconds;
    state_.retry = kTries;
  }
  ~Resolver() {
    if (ready_) res_nclose(&state_);
  }
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Appends the addresses of this type that the answer has.
  void Ask(const std::string& host, ns_type type, std::uint16_t port, std::vector<Address>& to) {
    std::array<unsigned char, NS_PACKETSZ * 8> answer{};
    if (!ready_) return;
    const int size = res_nsearch(&state_, host.c_str(), ns_c_in, type, answer.data(),
                                 static_cast<int>(answer.size()));
    ns_msg message{};
    if (size <= 0 || size > static_cast<int>(answer.size()) ||
        ns_initparse(answer.data(), size, &message) != 0) {
      return;
    }
    for (int i = 0; i < ns_msg_count(message, ns_s_an) && to.size() < kAddressesMax; ++i) {
      ns_rr record{};
      if (ns_parserr(&message, ns_s_an, i, &record) != 0 || ns_rr_type(record) != type) continue;
      if (type == ns_t_a && ns_rr_rdlen(record) == sizeof(in_addr)) {
        to.push_back(V4(ns_rr_rdata(record), port));
      } else if (type == ns_t_aaaa && ns_rr_rdlen(record) == sizeof(in6_addr)) {
        to.push_back(V6(ns_rr_rdata(record), port));
      }
    }
  }

 private:
  struct __res_state state_ {};
  bool ready_;
};

}  // namespace

Result<std::vector<Address>> Resolve(const std::string& host, std::uint16_t port) {
  std::array<unsigned char, sizeof(in6_addr)> number{};
  if (inet_pton(AF_INET, host.c_str(), number.data()) == 1) {
    return std::vector{V4(number.data(), port)};
  }
  if (inet_pton(AF_INET6, host.c_str(), number.data()) == 1) {
    return std::vector{V6(number.data(), port)};
  }
  std::vector<Address> addresses;
  Resolver resolver;
  resolver.Ask(host, ns_t_a, port, addresses);
  if (addresses.empty()) resolver.Ask(host, ns_t_aaaa, port, addresses);
  if (addresses.empty()) return Fail("its name is not known to DNS");
  return addresses;
}

}  // namespace ffdl::agent
