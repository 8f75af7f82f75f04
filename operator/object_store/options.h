#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace ffdl::object_store {

struct Credentials {
  std::string key_id;
  std::string secret;
  std::string session_token;  // "" for credentials that last
};

// How long and how often, and how much at once.
struct Limits {
  std::chrono::milliseconds connect{std::chrono::seconds{10}};  // TLS included
  // A transfer with fewer bytes a second than this for so long is cut off.
  std::chrono::seconds stalled{30};
  long bytes_per_second_min = 1024;
  int tries = 6;  // of one request, in all
  // Between tries: twice as long each time, and by chance down to half of that.
  std::chrono::milliseconds first_pause{500};
  std::chrono::milliseconds longest_pause{std::chrono::seconds{20}};
  std::chrono::seconds retry_after_max{60};  // of what a server asks for
  std::size_t at_once = 8;
  int page_entries = 1000;  // that a listing asks for; no server gives more
};

inline constexpr std::int64_t kListPageBytesMax = 8 << 20;
inline constexpr std::size_t kErrorBodyBytesMax = 65536;
inline constexpr int kListPagesMax = 1000;

struct Options {
  std::string endpoint;  // "https://s3.example:9000"
  std::string region;
  std::string bucket;
  std::optional<Credentials> credentials;  // without: requests are not signed
  std::string ca_pem;                      // trusted besides the authorities of the system
  Limits limits;
};

}  // namespace ffdl::object_store
