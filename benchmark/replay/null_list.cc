#include "benchmark/replay/null_list.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "benchmark/replay/api.h"

namespace ffdl::benchmarks {
namespace {

constexpr std::string_view kEnd = "k8s.io/initial-events-end";
constexpr long kListMaxMs = 120'000;

// Looks only at the end of each piece, where the last of the initial events is.
struct Watch {
  std::string tail;
  bool ended = false;

  static std::size_t Receive(char* bytes, std::size_t size, std::size_t count, void* watch) {
    constexpr std::size_t kLastLineMax = 512;
    auto& self = *static_cast<Watch*>(watch);
    const std::string_view piece(bytes, size * count);
    self.tail.append(piece.substr(piece.size() - std::min(piece.size(), kLastLineMax)));
    if (self.tail.size() > kLastLineMax) self.tail.erase(0, self.tail.size() - kLastLineMax);
    self.ended = self.tail.find(kEnd) != std::string::npos;
    return self.ended ? CURL_WRITEFUNC_ERROR : piece.size();
  }
};

void ReadList(const std::string& url, std::string authority_pem) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  Watch watch;
  const curl_blob authority{
      .data = authority_pem.data(), .len = authority_pem.size(), .flags = CURL_BLOB_NOCOPY};
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, kListMaxMs);
  curl_easy_setopt(curl.get(), CURLOPT_CAINFO_BLOB, &authority);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &Watch::Receive);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &watch);
  const CURLcode code = curl_easy_perform(curl.get());
  if (!watch.ended) {
    throw std::runtime_error(fmt::format("{}: {}", url, curl_easy_strerror(code)));
  }
}

}  // namespace

std::chrono::duration<double, std::milli> TimeOfLists(const std::string& url,
                                                      const std::string& authority_pem,
                                                      const std::vector<std::string>& plurals) {
  const auto started = std::chrono::steady_clock::now();
  std::vector<std::future<void>> lists;
  lists.reserve(plurals.size());
  for (const std::string& plural : plurals) {
    lists.push_back(std::async(std::launch::async, &ReadList,
                               fmt::format("{}/{}?watch=true&{}", url, plural, kListOnly),
                               authority_pem));
  }
  for (std::future<void>& list : lists) list.get();
  return std::chrono::steady_clock::now() - started;
}

}  // namespace ffdl::benchmarks
